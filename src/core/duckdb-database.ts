// Databases in memory, each with its own threads, memory and folders.
import duckdb from '@duckdb/node-bindings';
import { Connection } from './duckdb.ts';
import { globOf, quoteText, quoteTexts } from './sql.ts';

export interface DatabaseSettings {
  readonly threads: number;
  readonly memoryBytes: number;
  /** Where operators and tables go that do not fit into memory. */
  readonly temporaryFolder: string;
  /** Where files may be read and written, beside the temporary folder; omitted: anywhere the user may. */
  readonly allowedFolders?: readonly string[] | undefined;
}

/** An in-memory database of its own: no extension is fetched, no setting is left to the machine's defaults. */
export class Database {
  readonly #database: duckdb.Database;

  private constructor(database: duckdb.Database) {
    this.#database = database;
  }

  static async open(settings: DatabaseSettings): Promise<Database> {
    const opening = ahead ?? openPlain();
    ahead = undefined;
    const database = await opening;
    const connection = await duckdb.connect(database);
    await duckdb.query(connection, settingsSql(settings));
    if (settings.allowedFolders !== undefined) await duckdb.query(connection, confineTo(settings.allowedFolders));
    duckdb.disconnect_sync(connection);
    return new Database(database);
  }

  async connect(): Promise<Connection> {
    return new Connection(await duckdb.connect(this.#database));
  }

  close(): void {
    duckdb.close_sync(this.#database);
  }
}

let ahead: Promise<duckdb.Database> | undefined;

/** Begins to open the next database, on another thread: it takes 15 ms, and whoever needs it may have other things to do till then. */
export function openAhead(): void {
  ahead ??= openPlain();
  // Whoever takes it meets the error.
  ahead.catch(() => {});
}

/** What no database of ours does, whatever it is for. */
function openPlain(): Promise<duckdb.Database> {
  const config = duckdb.create_config();
  const options: Readonly<Record<string, string>> = {
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    preserve_insertion_order: 'true',
    // Every byte is read once: keeping it only makes memory grow with the dataset.
    enable_external_file_cache: 'false',
  };
  for (const [name, value] of Object.entries(options)) duckdb.set_config(config, name, value);
  return duckdb.open(':memory:', config);
}

const settingsSql = ({ threads, memoryBytes, temporaryFolder }: DatabaseSettings): string =>
  `SET GLOBAL threads = ${threads};
   SET GLOBAL memory_limit = '${Math.floor(memoryBytes / 1024)}KiB';
   SET GLOBAL temp_directory = ${quoteText(temporaryFolder)};
   SET GLOBAL TimeZone = 'UTC'`;

/** Folders are compared with the text of a path, and paths are given as globs. */
const confineTo = (folders: readonly string[]): string =>
  `SET GLOBAL allowed_directories = ${quoteTexts([...new Set(folders.flatMap((folder) => [folder, globOf(folder)]))])};
   SET GLOBAL enable_external_access = false;
   SET GLOBAL lock_configuration = true`;
