// The report of a run as one file that needs nothing else: no script, no font, no picture from elsewhere, and a policy that
// would forbid them. The same content gives the same bytes.
import { runMark } from '../run-mark.ts';
import { aboutSection } from './about-section.ts';
import { featuresSection, resultsSection } from './columns-section.ts';
import { Markup, markup } from './markup.ts';
import { overTime } from './over-time.ts';
import { overview } from './overview.ts';
import { beginPage } from './plot.ts';
import { rejectsSection } from './rejects-section.ts';
import type { ReportContent } from './report-content.ts';
import { style } from './style.ts';
import { whereTimeWent } from './where-time-went.ts';

export function renderReport(content: ReportContent): string {
  beginPage();
  const { manifest } = content;
  const page: Markup = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${new Markup(runMark(manifest.runId))}
<title>${manifest.job.name}: ${manifest.runId} – scoremill</title>
<style>${style}</style>
</head>
<body>
<main>
${overview(content)}
${rejectsSection(content)}
${overTime(content)}
${whereTimeWent(content)}
${resultsSection(content)}
${featuresSection(content)}
${aboutSection(content)}
</main>
<footer>Made by scoremill ${manifest.versions.scoremill} ${
    content.unpublished === null
      ? markup`from the files beside it. <code>scoremill report DIR</code> makes it again.`
      : 'when the run ended. The next execution takes it away.'
  }</footer>
</body>
</html>
`;
  return page.text;
}
