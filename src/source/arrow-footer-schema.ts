// The schema of an Arrow file that has it in its footer alone, as apache-arrow's JavaScript writer leaves it: turned into the
// message that a reader expects in front of the record batches.
import { Footer } from 'apache-arrow/ipc/metadata/file';
import { Message } from 'apache-arrow/ipc/metadata/message';

const prefixBytes = 8;

/** The bytes of a whole schema message, made from the bytes of a footer whose schema was checked. */
export function schemaMessageOf(footer: Uint8Array): Uint8Array {
  const metadata = Message.encode(Message.from(Footer.decode(footer).schema));
  const paddedBytes = Math.ceil(metadata.length / 8) * 8;
  const message = Buffer.alloc(prefixBytes + paddedBytes);
  message.writeUInt32LE(0xffff_ffff, 0);
  message.writeInt32LE(paddedBytes, 4);
  message.set(metadata, prefixBytes);
  return message;
}
