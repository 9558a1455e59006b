// Tells what a file is that calls itself a model, from its first bytes, when it is no ONNX file: the pointer, page or
// other format that a failed download or a wrong export leaves. An ONNX file starts with control bytes, so text is none.
import type { Failure } from '../core/failure.ts';

const reExport = 'export the model to ONNX and give the path of that file';
const downloadAgain = 'download the file itself';

const signatures: readonly { readonly offset: number; readonly bytes: string; readonly found: string }[] = [
  { offset: 0, bytes: 'PK\x03\x04', found: 'a zip archive (PyTorch .pt, Keras .keras, .npz or a packed folder)' },
  { offset: 0, bytes: '\x89HDF', found: 'an HDF5 file (Keras .h5)' },
  { offset: 0, bytes: '\x80\x02', found: 'a Python pickle' },
  { offset: 0, bytes: '\x80\x03', found: 'a Python pickle' },
  { offset: 0, bytes: '\x80\x04\x95', found: 'a Python pickle' },
  { offset: 0, bytes: '\x80\x05\x95', found: 'a Python pickle' },
  { offset: 0, bytes: '\x1f\x8b', found: 'a gzip archive' },
  { offset: 0, bytes: '\x28\xb5\x2f\xfd', found: 'a Zstandard archive' },
  { offset: 4, bytes: 'ORTM', found: 'a model in the ORT format (.ort)' },
  { offset: 4, bytes: 'TFL3', found: 'a TensorFlow Lite model' },
  { offset: 0, bytes: 'PAR1', found: 'a Parquet file' },
];

/** The failure for a file that is certainly no ONNX model, or undefined when it may be one. */
export function recognise(path: string, bytes: Uint8Array): Failure | undefined {
  if (bytes.length === 0) return { reason: 'model-empty', path };
  const head = Buffer.from(bytes.subarray(0, 512));
  const start = head.toString('latin1');
  if (start.startsWith('version https://git-lfs.github.com/spec/')) return { reason: 'model-lfs-pointer', path };
  const signature = signatures.find(({ offset, bytes: expected }) => start.startsWith(expected, offset));
  if (signature) return { reason: 'model-not-onnx', path, found: signature.found, advice: reExport };
  if (!isText(start)) return undefined;
  const text = head.toString('utf8').trim();
  if (/^<(!doctype|html|\?xml|head|body|!--)/i.test(text)) {
    return { reason: 'model-not-onnx', path, found: 'a web page', advice: `${downloadAgain}, not the page around it` };
  }
  if (bytes.length <= 255 && /^\S+$/.test(text) && text.includes('/')) {
    const advice = `${downloadAgain}, or copy the file that the link points to`;
    return { reason: 'model-not-onnx', path, found: `the text of a symbolic link to ${text}`, advice };
  }
  const firstLine = text.split('\n', 1)[0].slice(0, 60);
  return { reason: 'model-not-onnx', path, found: `text that begins with "${firstLine}"`, advice: reExport };
}

function isText(start: string): boolean {
  for (let i = 0; i < start.length; i++) {
    const code = start.charCodeAt(i);
    if (code < 32 && code !== 9 && code !== 10 && code !== 13) return false;
  }
  return true;
}
