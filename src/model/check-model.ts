// What can be found wrong with a model without running it: every rule of the pinned runtime that the file itself answers.
import type { Failure } from '../core/failure.ts';
import type { OnnxModel } from './onnx.ts';
import { checkOperators, domainOf } from './operators.ts';

// onnxruntime-node 1.30 refuses what is newer.
const newestIrVersion = 13;
const newestOpsets: Readonly<Record<string, number>> = { 'ai.onnx': 26, 'ai.onnx.ml': 5, 'com.microsoft': 1 };

/** The opset version of each domain that the model imports. */
export const opsetsOf = ({ opsetImport = [] }: OnnxModel): Readonly<Record<string, number>> =>
  Object.fromEntries(opsetImport.map((opset) => [domainOf(opset), opset.version?.toNumber() ?? 0]));

/** Every problem of versions and operators, so that one look at the messages is enough. */
export function checkModel(path: string, model: OnnxModel): readonly Failure[] {
  const failures: Failure[] = [];
  const irVersion = model.irVersion?.toNumber() ?? 0;
  if (irVersion < 1 || irVersion > newestIrVersion) {
    failures.push({ reason: 'model-ir-version', path, irVersion, newest: newestIrVersion });
  }
  const opsets = Object.entries(opsetsOf(model));
  if (opsets.length === 0) failures.push({ reason: 'model-no-opset', path });
  for (const [domain, version] of opsets) {
    const newest = newestOpsets[domain];
    if (version > newest) failures.push({ reason: 'model-opset', path, domain, version, newest });
  }
  return [...failures, ...checkOperators(path, model)];
}
