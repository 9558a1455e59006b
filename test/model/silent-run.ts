// Runs a model once as it should be and once as it must fail, in a process of its own whose output a test can see: what
// ONNX Runtime logs goes past JavaScript. The model's path is in SILENT_RUN_MODEL; it takes float [n].
import { readModel } from '../../src/model/model-file.ts';
import { openSession, type TensorData } from '../../src/model/session.ts';

const session = await openSession(await readModel(process.env.SILENT_RUN_MODEL!), { threads: 1 });
const x: TensorData = { dtype: 'float32', dims: [2], data: new Float32Array(2) };
session.run({ x }, ['y']);
try {
  session.run({ x: { ...x, dims: [1, 2] } }, ['y']);
} catch {
  process.exitCode = 42;
}
