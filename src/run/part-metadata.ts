// What the footer of every part says of its run, in this order: the same values give the same bytes.

export interface PartOrigin {
  readonly runId: string;
  readonly jobFingerprint: string;
  readonly modelSha256: string;
  readonly versions: { readonly scoremill: string; readonly onnxruntime: string };
}

export const runKey = 'scoremill.run';

export const partMetadata = ({
  runId,
  jobFingerprint,
  modelSha256,
  versions,
}: PartOrigin): Readonly<Record<string, string>> => ({
  [runKey]: runId,
  'scoremill.version': versions.scoremill,
  'scoremill.job': jobFingerprint,
  'scoremill.model': modelSha256,
  'scoremill.onnxruntime': versions.onnxruntime,
});
