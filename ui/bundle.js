// node bundle.js FOLDER BUNDLE: puts the built page into the one file that the program carries (src/api/web_page.hpp reads
// it): the views of views.json, and every file of FOLDER as it is and compressed.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
// Only browsers that know no woff2 would ask for these, and the page runs in none of them.
const left_out = new Set(['.woff'])
const compressed_already = new Set(['.woff2'])

const [folder, bundle] = process.argv.slice(2)
const lines = JSON.parse(readFileSync('views.json', 'utf8')).map((view) => `view\t${view}\n`)
const bodies = []
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || left_out.has(extname(entry.name))) continue
  const file = join(entry.parentPath, entry.name)
  const type = types[extname(entry.name)]
  if (type === undefined) throw new Error(`${file}: bundle.js knows no content type for it`)
  // One document for views at any depth: its own addresses begin at the server's root.
  const content = entry.name === 'index.html' ? Buffer.from(readFileSync(file, 'utf8').replaceAll('="./', '="/')) : readFileSync(file)
  const gzipped = compressed_already.has(extname(entry.name)) ? Buffer.alloc(0) : gzipSync(content, { level: 9 })
  lines.push(`file\t${file.slice(folder.length)}\t${type}\t${content.length}\t${gzipped.length}\n`)
  bodies.push(content, gzipped)
}
writeFileSync(bundle, Buffer.concat([Buffer.from(`${lines.join('')}\n`), ...bodies]))
