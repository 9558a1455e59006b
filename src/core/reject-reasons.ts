// Why a row may be rejected: the reasons in `_scoremill/rejects.parquet`, each with what it means and what to do. The
// sentence of one reject is made where the row is looked at.

export const rejectReasons = {
  null: {
    explain: 'A value that the model needs is missing.',
    remedy:
      'Mend the row; or say what stands in for a null with rejects.fill; or let it become NaN with --nulls nan, if the model was trained so.',
  },
  'value-misfit': {
    explain:
      'A value is not one that the model input can hold exactly: text among numbers, a fraction for an integer, a number out of range.',
    remedy: 'Mend the row, or convert the column with an SQL expression in its place (inputs: { x: ["round(age)"] }).',
  },
  'list-length': {
    explain: 'A list column has another number of values in this row than the model takes.',
    remedy: 'Mend the row, or cut and pad the lists where the data is written.',
  },
  'list-shape': {
    explain: 'The lists inside a nested list have different lengths, so the row is no tensor.',
    remedy: 'Mend the row, or cut and pad the lists where the data is written.',
  },
  'malformed-line': {
    explain: 'A line of a CSV or JSON Lines file cannot be read as a row. Its text is in the column `content`.',
    remedy: 'Mend the line. When many lines are so, check dataset.csv: delimiter, quote, escape and encoding.',
  },
  'transform-failed': {
    explain: "The job's transform throws on this row, also when it is alone; the message is what it threw.",
    remedy: 'Mend the row or the module (transform: in the job), or leave the row out of the dataset.',
  },
  'inference-failed': {
    explain: 'The model fails on this row, also when it is alone; the message is that of ONNX Runtime.',
    remedy: 'Look at the row: an index or category that the model does not know is the usual cause.',
  },
  crashed: {
    explain: 'The row ended the engine process when it was scored alone, twice.',
    remedy:
      'Leave the row out with --where, and tell those who made the model or the runtime: such a crash is a bug in native code.',
  },
  stalled: {
    explain: 'Nothing moved for the time of --stall-after while the row was scored alone, twice.',
    remedy: 'Leave the row out with --where, or give the model more time with --stall-after.',
  },
  'text-unknown': {
    explain: 'A text holds something that the tokenizer has no token for, not even one for unknown text.',
    remedy: 'Mend the row, or use the tokenizer that the model was trained with.',
  },
  'text-too-long': {
    explain: 'A pair of texts: one alone fills all the tokens that there may be, so the other would be cut away.',
    remedy: 'Shorten the text, or set truncation and maxLength in text: (docs/text.md).',
  },
  'text-empty': {
    explain: 'The tokenizer makes no tokens of a text: it is empty, or holds nothing but blanks.',
    remedy: 'Mend the row, or leave it out with --where.',
  },
  'image-missing': {
    explain: 'The file of an image is not there.',
    remedy: 'Copy the file, or correct its path in the row.',
  },
  'image-outside': {
    explain: 'The path of an image leads out of the folders in which images may lie.',
    remedy: 'Put the images into the folder of the dataset, or name theirs with root in image: (docs/images.md).',
  },
  'image-remote': {
    explain: 'An image is a URL. Scoring is offline and fetches nothing.',
    remedy: 'Download the images first, and give their paths.',
  },
  'image-too-large': {
    explain: 'An image has more pixels, or its file more bytes, than may be decoded.',
    remedy: 'Make the image smaller, or raise maxPixels in image: (docs/images.md).',
  },
  'image-size': {
    explain: 'An image has another size than the model takes, and the settings do not make it so.',
    remedy: 'Set size and fit in image: (docs/images.md), or resize the images first.',
  },
  'image-undecodable': {
    explain: 'The bytes are no image that can be decoded: damaged, cut short, or of an unknown format.',
    remedy: 'Replace the image, or leave the row out with --where.',
  },
} as const;

export type RejectReason = keyof typeof rejectReasons;
