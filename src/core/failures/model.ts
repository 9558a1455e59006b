// Ways in which a model cannot be used.
import { kind, listed } from './failure-kind.ts';

/** Where: the path of the model file. */
export interface AtModel {
  readonly path: string;
}

const quoted = (names: readonly string[]): string => listed(names.map((name) => `"${name}"`));

export const modelFailures = {
  'model-missing': kind(
    66,
    'There is no file at the path of the model.',
    'Check the path, and where a relative one starts: at the job file inside a job file, at the working directory in an option.',
    ({ path }: AtModel) => `no model at ${path}; check --model, or model.path in the job file`,
  ),
  'model-not-in-folder': kind(
    78,
    'The path of the model is a folder in which no ONNX file, or more than one, could be meant.',
    'Give the path of one .onnx file, or set model.variant.',
    ({ path, found }: AtModel & { readonly found: readonly string[] }) =>
      found.length === 0
        ? `${path} is a folder without an ONNX model; give the path of an .onnx file, or a folder that holds model.onnx, VERSION/model.onnx or MLmodel`
        : `${path} is a folder with several ONNX models (${listed(found)}); give the path of one of them, or set model.variant where they are MODEL_VARIANT.onnx`,
  ),
  'model-changed': kind(
    80,
    'The model file, or a file with its weights, was replaced during the run. Rows would be scored by two models.',
    'Run the same command again when nothing writes to the model any more; copy a new model beside the old one rather than over it.',
    ({ path }: AtModel) =>
      `${path} has changed since this run began, and nothing was published. Run the same command again when nothing writes to the model any more`,
  ),
  'model-version-missing': kind(
    78,
    'The folder of the model has no such version.',
    'Set model.version to a version that the message lists, or to latest.',
    ({ path, version, versions }: AtModel & { readonly version: number; readonly versions: readonly number[] }) =>
      `${path}: no version ${version} of the model` +
      (versions.length === 0
        ? ': the folder has no version folders; leave out model.version'
        : ` (it has: ${listed(versions.map(String))}); set model.version to one of them, or to latest`),
  ),
  'model-variant-missing': kind(
    78,
    'The folder of the model has no such variant: no file MODEL_VARIANT.onnx.',
    'Set model.variant to a variant that the message lists, or leave it out.',
    ({ path, variant, variants }: AtModel & { readonly variant: string; readonly variants: readonly string[] }) =>
      `${path}: no variant "${variant}" of the model` +
      (variants.length === 0
        ? ': the folder has no variants; leave out model.variant'
        : ` (it has: ${listed(variants)}); set model.variant to one of them, or leave it out for the plain model`),
  ),
  'model-folder-unreadable': kind(
    78,
    'A file in the folder of the model, such as config.pbtxt, MLmodel or config.json, does not say what it should.',
    'Correct the file, or give the path of the .onnx file itself.',
    ({ path, message }: AtModel & { readonly message: string }) =>
      `${path}: ${message}; correct the file, or give the path of the .onnx file itself`,
  ),
  'model-folder-contradicts': kind(
    78,
    'A file in the folder of the model describes another model than the one that lies there.',
    'Copy the model and the files beside it from one place, or give the path of the .onnx file itself.',
    ({ path, model, message }: AtModel & { readonly model: string; readonly message: string }) =>
      `${path}: ${message}; the file and ${model} do not belong together: copy both from one place, correct the file, or give the path of the .onnx file itself`,
  ),
  'model-empty': kind(
    78,
    'The model file has no bytes: a download or a copy that failed.',
    'Download or export the model again.',
    ({ path }: AtModel) => `${path} is empty (0 bytes); download or export the model again`,
  ),
  'model-lfs-pointer': kind(
    78,
    'The model file is the small text that Git LFS keeps in place of the real file.',
    "Run `git lfs pull` in the model's repository.",
    ({ path }: AtModel) =>
      `${path} is a Git LFS pointer, not the model itself; run "git lfs pull" in its repository to fetch the model`,
  ),
  'model-not-onnx': kind(
    78,
    'The model file holds something else than an ONNX model.',
    'Export the model to ONNX; the message says how for the kind of file that it found.',
    ({ path, found, advice }: AtModel & { readonly found: string; readonly advice: string }) =>
      `${path} is not an ONNX model: it is ${found}; ${advice}`,
  ),
  'model-corrupt': kind(
    78,
    'The model file is cut short or damaged, or was never an ONNX file.',
    'Compare size and checksum with the original, then copy or download the model again.',
    ({ path, fileBytes }: AtModel & { readonly fileBytes: number }) =>
      `${path} cannot be read as an ONNX model: its ${fileBytes} bytes are cut short or damaged; compare its size and checksum with the original, then copy or download it again`,
  ),
  'model-too-large': kind(
    78,
    'The model file is larger than one protobuf message can be (2 GiB).',
    'Save the model with external data.',
    ({ path, fileBytes }: AtModel & { readonly fileBytes: number }) =>
      `${path} has ${fileBytes} bytes, more than the 2 GiB that an ONNX file can hold; export it with external data (in Python: onnx.save(model, path, save_as_external_data=True))`,
  ),
  'model-no-graph': kind(
    78,
    'The ONNX file has no graph, so there is nothing to run.',
    'Export the model again.',
    ({ path }: AtModel) => `${path} is not a whole ONNX model: it has no graph; export the model again`,
  ),
  'model-no-inputs': kind(
    78,
    'The model has no input, so its result cannot depend on a row.',
    'Export the model with its inputs; constants that were folded in are the usual cause.',
    ({ path }: AtModel) =>
      `${path}: the model has no inputs that data could feed, so nothing it computes depends on a row; export it with its inputs`,
  ),
  'model-no-opset': kind(
    78,
    'The model does not say which version of the ONNX operators it uses.',
    'Export the model again with a recent version of its exporter.',
    ({ path }: AtModel) =>
      `${path}: the model names no opset (opset_import is empty), so its operators have no certain meaning; export it again, or set opset_import to the opset it was made for`,
  ),
  'model-ir-version': kind(
    78,
    'The ONNX file format version (IR version) is missing or newer than this runtime reads.',
    'Export the model with an older onnx package, or upgrade scoremill.',
    ({ path, irVersion, newest }: AtModel & { readonly irVersion: number; readonly newest: number }) =>
      irVersion > newest
        ? `${path}: IR version ${irVersion} is newer than the runtime reads (up to ${newest}); export the model with an older onnx package, or upgrade scoremill`
        : `${path}: IR version ${irVersion} is not a version of the ONNX format (1 to ${newest}); export the model again`,
  ),
  'model-opset': kind(
    78,
    'The model uses a version of the operators that is newer than this runtime.',
    'Export the model with an older opset (`target_opset` in skl2onnx and onnxmltools, `opset_version` in PyTorch), or upgrade scoremill.',
    ({
      path,
      domain,
      version,
      newest,
    }: AtModel & { readonly domain: string; readonly version: number; readonly newest: number }) =>
      `${path}: opset ${version} of ${domain} is newer than the runtime has (up to ${newest}); export the model with opset ${newest} or lower, or upgrade scoremill`,
  ),
  'model-operators': kind(
    78,
    'The model uses operators that the runtime does not have: custom operators, or names that no ONNX version knows.',
    'Export the model with standard operators only, and do the rest before or after: SQL expressions, `text:`, `image:`, `apply:`.',
    ({ path, domain, operators }: AtModel & { readonly domain: string; readonly operators: readonly string[] }) =>
      `${path}: the runtime has no operator ${quoted(operators)} in the domain ${domain}; ` +
      (domain === 'ai.onnx.contrib'
        ? 'this domain belongs to onnxruntime-extensions, which is not part of the runtime: export the model without its pre- and post-processing'
        : 'export the model with standard ONNX operators only'),
  ),
  'model-training': kind(
    78,
    'The file is a training graph: it holds gradient or optimizer operators and wants its weights as inputs.',
    'Export the model for inference.',
    ({ path, operators }: AtModel & { readonly operators: readonly string[] }) =>
      `${path}: this is a training graph, with the training operators ${quoted(operators)}; export the model for inference`,
  ),
  'model-kernel': kind(
    78,
    'The runtime knows an operator of the model but cannot compute it on the CPU.',
    'Export the model for the CPU in float32, without optimizations made for another device.',
    ({ path, operator, node }: AtModel & { readonly operator: string; readonly node: string }) =>
      `${path}: no CPU implementation of the operator ${operator} (node "${node}") for the types it is used with; export the model for the CPU, without optimizations made for another device`,
  ),
  'model-input-type': kind(
    78,
    'An input of the model is of a type that cannot be fed from columns.',
    'Follow the message, or export the model with tensor inputs.',
    ({
      path,
      input,
      type,
      advice,
    }: AtModel & { readonly input: string; readonly type: string; readonly advice: string }) =>
      `${path}: input "${input}" is of type ${type}, which cannot be fed; ${advice}`,
  ),
  'model-output-type': kind(
    78,
    'An output of the model is of a type that cannot be read, and none is left that can.',
    'Export the model with tensor outputs.',
    ({ path, output, type }: AtModel & { readonly output: string; readonly type: string }) =>
      `${path}: output "${output}" is of type ${type}, which cannot be read; export the model with tensor outputs of a common type, such as float`,
  ),
  'model-zipmap': kind(
    78,
    'A ZipMap cannot be replaced by the tensor it reads.',
    "Export the model without ZipMap (in skl2onnx: options={'zipmap': False}).",
    ({ path, output, why }: AtModel & { readonly output: string; readonly why: string }) =>
      `${path}: the ZipMap that makes output "${output}" cannot be removed: ${why}; export the model without ZipMap (in skl2onnx: options={"zipmap": False})`,
  ),
  'external-data-missing': kind(
    78,
    'Weights that the model keeps in a file beside it are not there.',
    'Copy the file with the weights beside the model, from where the model came.',
    ({ path, file, tensor }: AtModel & { readonly file: string; readonly tensor: string }) =>
      `${path}: the weights of "${tensor}" are in ${file}, which is not in the model's folder; copy it there from where the model came`,
  ),
  'external-data-cut': kind(
    78,
    'A file with weights of the model is shorter than the model says.',
    'Copy or download the file with the weights again.',
    ({
      path,
      file,
      fileBytes,
      neededBytes,
    }: AtModel & { readonly file: string; readonly fileBytes: number; readonly neededBytes: number }) =>
      `${path}: its external data file ${file} has ${fileBytes} bytes and needs ${neededBytes}; copy or download it again`,
  ),
  'external-data-outside': kind(
    78,
    'The model keeps weights in a file outside of its own folder, which the runtime refuses to open.',
    'Put the file with the weights beside the model and save the model with its new location.',
    ({ path, file, tensor }: AtModel & { readonly file: string; readonly tensor: string }) =>
      `${path}: the weights of "${tensor}" are in ${file}, which is, or links to, a file outside of the model's folder; put the file itself beside the model, and save the model with its new location`,
  ),
  'model-locale': kind(
    78,
    'Text operators of the model need a locale that this machine does not have.',
    "Install the locale with the command in the message, in the container's image too.",
    ({ path, locale }: AtModel & { readonly locale: string }) =>
      `${path}: its text operators need the locale ${locale}, which is not installed here; install it ` +
      '(Debian, Ubuntu: apt-get install locales && localedef -i en_US -f UTF-8 en_US.UTF-8; Fedora, RHEL: dnf install glibc-langpack-en; or, without root, localedef -i en_US -f UTF-8 DIR/en_US.UTF-8 and LOCPATH=DIR); LC_ALL and LANG need not change',
  ),
  'model-refused': kind(
    78,
    'ONNX Runtime does not accept the model, for the reason it gives.',
    'Check that the model loads in Python (`onnxruntime.InferenceSession(path)`) and with `onnx.checker.check_model`; if it does there and not here, the versions differ: export it with a lower opset.',
    ({ path, message }: AtModel & { readonly message: string }) =>
      `${path}: ONNX Runtime refuses the model: ${message}; check it with onnx.checker.check_model in Python, and export it again`,
  ),
  'model-batch-fixed': kind(
    78,
    'The model is declared for a fixed number of rows a call and cannot be rebuilt to take any number.',
    'Export the model with an open first axis (dynamic batch).',
    ({ path, rows, why }: AtModel & { readonly rows: number; readonly why: string }) =>
      `${path}: takes ${rows === 1 ? 'one row' : `${rows} rows`} a call, and no other number: ${why}; export it with an open first axis`,
  ),
  'inference-failed': kind(
    78,
    'ONNX Runtime failed while it ran the model on a batch.',
    'Compare what the model is fed (`scoremill plan JOB`) with what it was trained on. When single rows do it, they are rejects, and no run ends with this.',
    ({ path, message }: AtModel & { readonly message: string }) =>
      `${path}: running the model failed: ${message}; compare what it is fed (scoremill plan) with what it was trained on`,
  ),
};
