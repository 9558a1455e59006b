// Answers a question: finds who knows, and gives each a database of its own that ends with the reply.
import type { Connection } from '../core/duckdb.ts';
import { Database } from '../core/duckdb-database.ts';
import { readModel } from '../model/model-file.ts';
import { openSession } from '../model/session.ts';
import { profileShards } from '../source/open.ts';
import { appendTables } from './append-tables.ts';
import { compareParts } from './compare-parts.ts';
import { firstValues } from './first-values.ts';
import type { DatabaseRoom, Question, ReplyTo, TriedModel } from './questions.ts';
import { readFooters } from './read-footers.ts';
import { readRows } from './read-rows.ts';
import { readStatistics } from './read-statistics.ts';

/** The reply to a question; fails with a FailureError when what was asked about cannot be used. */
export async function replyTo(question: Question): Promise<ReplyTo<Question>> {
  switch (question.kind) {
    case 'try-model':
      return tryModel(question.path);
    case 'profile-shards': {
      const { shards, csv, gridRows, room } = question;
      return withConnection(room, (connection) =>
        profileShards(shards, { connection, csv, gridRows, scratchFolder: null }),
      );
    }
    case 'first-values':
      return withConnection(question.room, (connection) => firstValues(question, connection));
    case 'read-footers':
      return readFooters(question.paths, (read) => withConnection(question.room, read));
    case 'read-statistics':
      return withConnection(question.room, (connection) => readStatistics(question, connection));
    case 'append-tables':
      return withConnection(question.room, (connection) => appendTables(question, connection));
    case 'read-rows':
      return withConnection(question.room, (connection) => readRows(question.path, connection));
    case 'compare-parts':
      return withConnection(question.room, (connection) => compareParts(question, connection));
  }
}

async function tryModel(path: string): Promise<TriedModel> {
  const model = await readModel(path);
  const startedMs = performance.now();
  await openSession(model, { threads: 1 });
  return { loadMs: performance.now() - startedMs };
}

async function withConnection<Value>(
  { memoryBytes, temporaryFolder }: DatabaseRoom,
  read: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  const database = await Database.open({ threads: 1, memoryBytes, temporaryFolder });
  const connection = await database.connect();
  try {
    return await read(connection);
  } finally {
    connection.close();
    database.close();
  }
}
