// The one place that writes to the process's streams.

export const writeData = (text: string): void => {
  process.stdout.write(text);
};

export const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

export const complain = (text: string): void => say(`error: ${text}`);
