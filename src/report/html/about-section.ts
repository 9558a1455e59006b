// What the run was of and on: the job, the model, the dataset, the versions, the machine, and each split in a table.
import { formatDuration } from '../format-duration.ts';
import { counted, formatBytes, formatNumber } from '../format-number.ts';
import { type Content, type Markup, markup } from './markup.ts';
import { timeOf } from './overview.ts';
import type { ReportContent } from './report-content.ts';
import { section } from './section.ts';

const mostShards = 20;
const mostSplits = 200;
const mostColumns = 400;

export function splitsSection({ splits }: ReportContent): Markup | null {
  if (splits.length === 0) return null;
  const slowest = [...splits].sort((one, other) => other.wallMs - one.wallMs || one.split - other.split);
  const shown = splits.length <= mostSplits ? splits : slowest.slice(0, mostSplits);
  const head = ['split', 'rows', 'rejected', 'time', 'rows a second', 'worker', 'attempt'];
  return markup`<details class="wide"><summary>Splits <small>${counted(splits.length, 'split')}${
    shown.length < splits.length && `, the ${mostSplits} slowest`
  }</small></summary><div class="scroll" tabindex="0" role="region" aria-label="Splits"><table><thead><tr>${head.map((name) => markup`<th scope="col" class="n">${name}</th>`)}<th scope="col">part</th></tr></thead><tbody>${shown.map(
    (split) =>
      markup`<tr><td class="n">${split.split}</td><td class="n">${formatNumber(split.rows)}</td><td class="n">${formatNumber(split.rejected)}</td><td class="n">${formatDuration(split.wallMs)}</td><td class="n">${split.rowsPerSecond === null ? '–' : formatNumber(Math.round(split.rowsPerSecond))}</td><td class="n">${split.worker}</td><td class="n">${split.attempt}${split.resumed && ' (earlier)'}</td><td>${split.part ?? '–'}</td></tr>`,
  )}</tbody></table></div></details>`;
}

export function aboutSection(content: ReportContent): Markup {
  const { manifest, run } = content;
  const { model, dataset, versions, job } = manifest;
  const shards = dataset.shards.slice(0, mostShards);
  const shardBytes = dataset.shards.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  return section('about', 'What was run', [
    markup`<dl class="about">${[
      entry('model', [
        markup`<span class="path">${model.path}</span> `,
        formatBytes(model.fileBytes),
        markup`<br><span class="hash">sha256 ${model.sha256}</span>`,
      ]),
      model.adaptations.length === 0 ? null : entry('adapted', list(model.adaptations)),
      entry('dataset', [
        `${counted(dataset.shards.length, `${dataset.format} file`)}, ${formatBytes(shardBytes)}`,
        list(shards.map(({ path, rows }) => `${path}: ${counted(rows, 'row')}`)),
        dataset.shards.length > shards.length && `and ${formatNumber(dataset.shards.length - shards.length)} more`,
      ]),
      entry('job', [`${job.name} `, markup`<span class="hash">${job.fingerprint}</span>`]),
      entry('batches', `up to ${formatNumber(manifest.batchRows)} rows`),
      entry('started', timeOf(manifest.startedMs)),
      entry(
        'versions',
        `scoremill ${versions.scoremill}, ONNX Runtime ${versions.onnxruntime}, DuckDB ${versions.duckdb}, Node ${versions.node}`,
      ),
      entry(
        'machine',
        `${run.cpuModel}, ${counted(run.usableCores, 'usable core')}, ${formatBytes(run.usableMemoryBytes)}`,
      ),
      entry(
        'cost',
        `${formatNumber(run.coreSeconds)} core-seconds${run.rowsPerCoreSecond === null ? '' : `, ${counted(Math.round(run.rowsPerCoreSecond), 'row')} per core-second`}`,
      ),
    ]}</dl>`,
    markup`<details class="wide"><summary>Columns of the result <small>${formatNumber(manifest.columns.length)}</small></summary><p class="columns">${manifest.columns
      .slice(0, mostColumns)
      .map(
        ({ name, type }, i) => markup`${i > 0 && ', '}<b>${name}</b> ${type}`,
      )}${manifest.columns.length > mostColumns && ', ...'}</p></details>`,
    splitsSection(content),
    markup`<details class="wide"><summary>The job, with its defaults</summary><pre>${cut(JSON.stringify(job.definition, null, 2))}</pre></details>`,
  ]);
}

const mostLetters = 20_000;
const cut = (text: string): string => (text.length <= mostLetters ? text : `${text.slice(0, mostLetters)}\n...`);

const entry = (name: string, value: Content): Markup => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;

const list = (items: readonly string[]): Markup =>
  markup`<ul>${items.map((item) => markup`<li class="path">${item}</li>`)}</ul>`;
