// One HTTP request that never holds up a run: no connection is kept, and after the limit it is given up. What a server answers
// beside its status is of no interest.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Message {
  readonly url: URL;
  readonly method: 'POST' | 'PUT';
  readonly contentType: string;
  readonly body: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
}

/** For so long an answer is waited for. */
export const limitMs = 2000;

/** Null when the server took it, otherwise what stood against that; never fails. */
export async function send({ url, method, contentType, body, token }: Message): Promise<string | null> {
  const signal = AbortSignal.timeout(limitMs);
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : url.username === ''
        ? undefined
        : `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}`;
  const headers = {
    'Content-Type': contentType,
    'Content-Length': String(Buffer.byteLength(body)),
    ...(authorization === undefined ? {} : { Authorization: authorization }),
  };
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  try {
    return await new Promise<string | null>((resolve, reject) => {
      const options = { method, headers, agent: false, signal, auth: null };
      const sent = request(url, options as object, (response) => {
        const status = response.statusCode ?? 0;
        let text = '';
        response.setEncoding('utf8').on('data', (more: string) => {
          if (text.length < 200) text += more;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve(status >= 200 && status < 300 ? null : `it answered ${status} ${oneLine(text)}`.trim()),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  } catch (error) {
    if (signal.aborted) return `it did not answer within ${limitMs / 1000} s`;
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  }
}

/** Without what may be a password. */
export function shown(url: URL): string {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain.href;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 200).trim();
