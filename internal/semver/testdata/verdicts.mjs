// Makes up ranges and versions and writes what node-semver says of each pair:
//   node verdicts.mjs FOLDER_OF_SEMVER [SEED] [ROWS] > TestItAgreesWithNodeSemver/verdicts.jsonl
import { createRequire } from 'node:module'

const [folder, seedText = '1', rows = '1500'] = process.argv.slice(2)
const semver = createRequire(import.meta.url)(folder)
let seed = Number(seedText)
const below = n => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % n
}
const pick = list => list[below(list.length)]
const number = () => pick(['0', '0', '1', '1', '2', '3', '10'])
const x = () => pick(['0', '1', '2', '3', 'x', '*', 'X'])
const pre = () => pick(['', '', '', '', '-0', '-alpha', '-alpha.1', '-beta.2', '-rc.10', '-1', '-alpha.beta', 'beta', '-a-b', '-pre.0'])
const version = () => pick(['', '', '', 'v', '=']) + [number(), number(), number()].join('.') + pre() + pick(['', '', '', '+b1'])
const part = () => pick([x, () => `${x()}.${x()}`, () => `${x()}.${x()}.${x()}${pre()}`, version, version, version])()
const comparator = () => pick(['', '', '^', '^', '~', '>', '>=', '<', '<=', '=', '~>']) + pick(['', '', '', ' ']) + part()
const list = () => pick([comparator, comparator, comparator, () => `${comparator()} ${comparator()}`, () => `${part()} - ${part()}`, () => '', () => 'junk'])()
const range = () => pick([list, list, list, () => `${list()} || ${list()}`, () => `${list()}||${list()} || ${list()}`])()

const verdict = (range, version) => {
  try {
    new semver.Range(range, true)
  } catch {
    return 'none'
  }
  return semver.satisfies(version, range, true) ? 'in' : 'out'
}
for (let i = 0; i < Number(rows); i++) {
  const pair = [range(), version()]
  console.log(JSON.stringify([...pair, verdict(...pair)]))
}
