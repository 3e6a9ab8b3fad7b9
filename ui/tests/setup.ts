import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { project } from './server'

/** Makes the root file system of the images that all servers of the tests have. */
export default function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-base-'))
  const root = join(folder, 'root')
  execFileSync(join(project, 'tests/support/base-image'), [root], { stdio: 'ignore' })
  process.env.FLOTILLA_BASE_ROOT = root
  return () => rmSync(folder, { recursive: true, force: true })
}
