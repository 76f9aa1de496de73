// npm run where < stack.txt: the places of a stack of the bundle, as the sources know them. Reads a log or a stack on stdin.
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ROOT } from './prepare.mjs';

/** A place in one of our files; its folder may be that of another machine. */
const PLACE = /(?:file:\/\/)?[^\s()"]*\/dist\/bundle\/([\w.-]+\.js):(\d+):(\d+)/g;
const FOLDER = join(ROOT, 'dist', 'bundle');

const maps = new Map();

function mapOf(file) {
  if (!maps.has(file)) {
    const path = join(FOLDER, `${file}.map`);
    maps.set(file, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : null);
  }
  return maps.get(file);
}

function placeInSources(given, file, line, column) {
  const found = mapOf(file)?.findOrigin(Number(line), Number(column));
  if (!found?.fileName) return given;
  const path = fileURLToPath(new URL(found.fileName, pathToFileURL(`${FOLDER}/`)));
  return `${relative(ROOT, path)}:${found.lineNumber}:${found.columnNumber}`;
}

console.log((await text(process.stdin)).replaceAll(PLACE, placeInSources).trimEnd());
