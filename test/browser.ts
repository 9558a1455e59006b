// A real Chromium without a window, told what to do over the DevTools protocol through a pipe: no port, no driver package.
// https://chromedevtools.github.io/devtools-protocol
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Debian's name first; null where there is no Chromium. */
export const chromium: string | null =
  ['chromium', 'chromium-browser', 'google-chrome'].find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  ) ?? null;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface PageSettings {
  readonly width: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
}

export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #listeners = new Set<(message: Message) => void>();
  #lastId = 0;

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
    let rest = '';
    (process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message));
    });
  }

  static async start(): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), 'scoremill-browser-'));
    // In a container there is neither a sandbox nor much shared memory; pages are files of our own.
    const options = ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--hide-scrollbars'];
    const child = spawn(
      chromium ?? 'chromium',
      [...options, '--no-first-run', '--remote-debugging-pipe', `--user-data-dir=${folder}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const browser = new Browser(child, folder);
    await browser.call('Browser.getVersion');
    return browser;
  }

  async page(settings: PageSettings): Promise<Page> {
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
    return Page.open(this, String(sessionId), settings);
  }

  call(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      );
      (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  listen(listener: (message: Message) => void): void {
    this.#listeners.add(listener);
  }

  #take(message: Message): void {
    if (message.id === undefined) for (const listener of this.#listeners) listener(message);
    else {
      this.#answers.get(message.id)?.(message);
      this.#answers.delete(message.id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    await Promise.race([this.call('Browser.close'), ended]);
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Page {
  readonly #browser: Browser;
  readonly #sessionId: string;
  /** Addresses that were asked for, the page's own among them. */
  readonly requests: string[] = [];
  /** What the console and the page's policy complain of. */
  readonly complaints: string[] = [];
  #onLoad = (): void => {};

  private constructor(browser: Browser, sessionId: string) {
    this.#browser = browser;
    this.#sessionId = sessionId;
    browser.listen(({ sessionId: from, method, params = {} }) => {
      if (from !== sessionId) return;
      if (method === 'Network.requestWillBeSent') this.requests.push((params.request as { url: string }).url);
      if (method === 'Log.entryAdded') this.complaints.push((params.entry as { text: string }).text);
      if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown')
        this.complaints.push(JSON.stringify(params));
      if (method === 'Page.loadEventFired') this.#onLoad();
    });
  }

  static async open(browser: Browser, sessionId: string, settings: PageSettings): Promise<Page> {
    const page = new Page(browser, sessionId);
    for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await page.call(`${domain}.enable`);
    await page.resize(settings);
    return page;
  }

  call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#browser.call(method, params, this.#sessionId);
  }

  async resize({ width, height = 900, scheme = 'light' }: PageSettings): Promise<void> {
    await this.call('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  }

  async goTo(address: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#onLoad = resolve;
    });
    await this.call('Page.navigate', { url: address });
    await loaded;
  }

  /** The value of an expression, which must be plain data. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = (await this.call('Runtime.evaluate', { expression, returnByValue: true })) as {
      result: { value: Value };
      exceptionDetails?: { text: string };
    };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return result.value;
  }

  /** The whole page as a PNG, or a part of it in pixels. */
  async screenshot(clip?: { x: number; y: number; width: number; height: number }): Promise<Buffer> {
    const { data } = await this.call('Page.captureScreenshot', {
      captureBeyondViewport: true,
      ...(clip === undefined ? {} : { clip: { ...clip, scale: 1 } }),
    });
    return Buffer.from(String(data), 'base64');
  }
}
