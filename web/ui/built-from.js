/** Leaves beside the built pages what they were built from: tests refuse pages of older sources. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sources = ['src', 'public'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name)),
);
const digest = createHash('sha256');
for (const path of ['index.html', ...sources].sort()) digest.update(`${path}\n`).update(readFileSync(path));
writeFileSync('../static/built-from', digest.digest('hex'));
