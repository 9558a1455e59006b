// The one class of the library that is used. Its own types do not resolve: they import files without their suffix.
declare module '@huggingface/tokenizers' {
  export class SplitPreTokenizer {
    constructor(config: { readonly type: 'Split'; readonly pattern: { readonly Regex: string } });
    readonly pattern: RegExp | null;
  }
}

export {};
