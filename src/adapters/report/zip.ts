/** A zip as it is made: nothing of it is held but what is on its way. */
import { pipeline } from "node:stream/promises";
import { constants, createDeflateRaw } from "node:zlib";
import type { ZipInputFile } from "fflate";
import { Zip, ZipPassThrough } from "fflate";
import { ChartctlError } from "../../errors.ts";

export interface ZipEntry {
  name: string;
  text: Iterable<string> | AsyncIterable<string>;
}

/** The format's own limit without its extension for larger ones, which not every spreadsheet reads. */
const mostBytes = 0xffff_ffff;
/** Half of the time of the default, and a few percent larger. */
const compression = { level: constants.Z_BEST_SPEED + 2 };

/** Entries follow each other: the next one is asked for when the one before has been read to its end. Error `report.too-large`. */
export async function* zipped(entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>, time: Date): AsyncGenerator<Uint8Array> {
  let made: Uint8Array[] = [];
  let bytes = 0;
  const taken = (): Uint8Array[] => {
    const chunks = made;
    made = [];
    for (const chunk of chunks) bytes += chunk.byteLength;
    if (bytes > mostBytes) throw tooLarge();
    return chunks;
  };
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    made.push(chunk);
  });
  for await (const { name, text } of entries) {
    const entry: ZipInputFile = { filename: name, size: 0, crc: 0, compression: 8, mtime: time };
    zip.add(entry);
    const plain = new ZipPassThrough(name);
    plain.ondata = () => {}; // it counts, and sums up; Node's own zlib compresses, on another thread
    for await (const chunk of deflated(text, plain)) {
      entry.ondata?.(null, chunk, false);
      yield* taken();
    }
    if (plain.size > mostBytes) throw tooLarge();
    Object.assign(entry, { size: plain.size, crc: plain.crc });
    entry.ondata?.(null, new Uint8Array(), true);
    yield* taken();
  }
  zip.end();
  yield* taken();
}

async function* deflated(text: ZipEntry["text"], plain: ZipPassThrough): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const deflate = createDeflateRaw(compression);
  const counted = async function* () {
    for await (const part of text) {
      const bytes = Buffer.from(part);
      plain.push(bytes);
      yield bytes;
    }
    plain.push(new Uint8Array(), true);
  };
  const written = pipeline(counted, deflate);
  written.catch(() => {}); // told by whoever reads: nobody does any more when it is given up
  yield* deflate;
  await written;
}

const tooLarge = (): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "report.too-large",
    message: "A spreadsheet of this report would be larger than 4 GB",
    hint: "take comma-separated values: chartctl costs report --detail --format csv",
  });
