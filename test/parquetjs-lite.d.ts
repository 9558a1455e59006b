// The part of parquetjs-lite that the project uses; the package ships no types.
declare module 'parquetjs-lite' {
  export interface FieldDefinition {
    type: 'BOOLEAN' | 'INT64' | 'DOUBLE' | 'UTF8' | 'TIMESTAMP_MICROS';
    optional: boolean;
    compression: 'UNCOMPRESSED' | 'GZIP' | 'SNAPPY';
    statistics: boolean;
  }

  export interface WriterOptions {
    rowGroupSize: number;
    useDataPageV2: boolean;
    pageIndex: boolean;
  }

  /** What the writer needs of a stream. */
  export interface Output {
    write(bytes: Uint8Array, done: (error?: Error) => void): void;
    end(done: (error?: Error) => void): void;
  }

  export class ParquetSchema {
    constructor(fields: Record<string, FieldDefinition>);
  }

  export class ParquetWriter {
    static openStream(schema: ParquetSchema, output: Output, options: WriterOptions): Promise<ParquetWriter>;
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    setMetadata(key: string, value: string): void;
    setRowGroupSize(rows: number): void;
    close(): Promise<void>;
  }

  export interface Cursor {
    next(): Promise<Record<string, unknown> | null>;
  }

  export class ParquetReader {
    static openFile(path: string): Promise<ParquetReader>;
    getCursor(): Cursor;
    getRowCount(): number;
    getMetadata(): Record<string, string>;
    close(): Promise<void>;
  }
}
