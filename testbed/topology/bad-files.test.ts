/** Every kind of mistake in a topology file, with the whole message that a person gets to read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { devicesOf } from "../topology-for-tests.ts";
import { parseTopology } from "./load.ts";
import { TopologyError } from "./topology-error.ts";

const two = "name: x\nnodes: { a: , b: }\n";
const rule = `${two}network:\n  pairs:\n    - `;

const sideFiles: Readonly<Record<string, string>> = {
  "t.txt": "10\n20\n30\n",
  "words.txt": "1.5\nslow\n",
  "one.txt": "# measured\n5\n",
  "m.tsv": "0\t10\n10\t0\n",
  "named.tsv": "\tparis\trome\nparis\t0\t20\nrome\t20\t0\n",
  "ragged.tsv": "0\t10\n10\n",
  "word.tsv": "0\tfast\n10\t0\n",
  "negative.csv": "0,-3\n10,0\n",
  "empty.tsv": "# only a comment\n",
  "order.csv": ",a,b\nb,0,1\na,1,0\n",
  "negative.txt": "1\n-2\n",
  "long.tsv": "0\t10000\n10\t0\n",
};

const badFiles: readonly { what: string; yaml: string; says: string }[] = [
  {
    what: "an empty file",
    yaml: ``,
    says: `lab.yaml:1:1: the file is empty
  fix: start from topologies/smallest.yaml`,
  },
  {
    what: "a file of comments",
    yaml: `# nothing yet
`,
    says: `lab.yaml:1:1: the file is empty
  fix: start from topologies/smallest.yaml`,
  },
  {
    what: "a tab as indentation",
    yaml: `name: x
nodes:
\ta:
`,
    says: `lab.yaml:3:1: a tab is used as indentation
  fix: indent with spaces`,
  },
  {
    what: "an unclosed quote",
    yaml: `name: "x
nodes: { a: }
`,
    says: `lab.yaml:3:1: a quote is opened and never closed
  fix: close it where its text ends`,
  },
  {
    what: "an unclosed brace",
    yaml: `name: x
nodes: { a: 
`,
    says: `lab.yaml:2:13: the file ends inside a { or [
  fix: close every bracket and brace`,
  },
  {
    what: "a tag that makes a value other than text",
    yaml: `name: x
nodes: { a: , b: }
network: !!binary aGk=
`,
    says: `lab.yaml:3:19: YAML tags such as !!binary are not used here
  fix: remove the tag`,
  },
  {
    what: "a merge key",
    yaml: `name: x
nodes: { a: &worker { tier: edge }, b: { <<: *worker, role: worker } }
`,
    says: `lab.yaml:2:42: merge keys (<<) are of YAML 1.1 and not read
  fix: write the keys out; an alias such as *name may only be a whole value`,
  },
  {
    what: "a node whose name is a number",
    yaml: `name: x
nodes: { 7: , "0x1F": }
`,
    says: `lab.yaml:2:10: programs take the name "7" for an address
  fix: for example n7
lab.yaml:2:15: programs take the name "0x1F" for an address
  fix: for example n0x1F`,
  },
  {
    what: "a flap of more rounds than the keeper can hold",
    yaml: `${two}events:
  - { at: 1s, node: a, do: flap, every: 1us, for: 1h }
  - { at: 1s, nodes: "*", do: churn, for: 300h }
`,
    says: `lab.yaml:4:51: for: flap would be 100000 rounds and more
  fix: make it shorter, or every longer
lab.yaml:5:43: for: churn would be 100000 rounds and more
  fix: make it shorter, or every longer`,
  },
  {
    what: "more cores than the device class has",
    yaml: `name: x
defaults: { cores: 5 }
nodes:
  a: { device: pi4b }
  b: { device: pi4b, cores: 9 }
  c: { device: pi4b, cores: 4 }
`,
    says: `lab.yaml:4:3: cores: 5 of a pi4b, which has 4
  fix: set cores to 4 at most
lab.yaml:5:22: cores: 9 of a pi4b, which has 4
  fix: set cores to 4 at most`,
  },
  {
    what: "a list instead of keys",
    yaml: `- name: x
`,
    says: `lab.yaml:1:1: the file must be a mapping of keys to values, not a list
  fix: write keys such as name, defaults, fabric under it`,
  },
  {
    what: "plain text instead of keys",
    yaml: `just some words
`,
    says: `lab.yaml:1:1: the file must be a mapping of keys to values, not a single value
  fix: write keys such as name, defaults, fabric under it`,
  },
  {
    what: "a line indented too far",
    yaml: `name: x
  nodes: { a: }
`,
    says: `lab.yaml:1:7: a second key on one line, or a line indented too far
  fix: give each key its own line, at the same indentation as its neighbours`,
  },
  {
    what: "neighbours at different indentation",
    yaml: `name: x
nodes:
    a:
  b:
`,
    says: `lab.yaml:3:7: not YAML: all mapping items must start at the same column
  fix: align the keys of a mapping, close brackets`,
  },
  {
    what: "a key twice",
    yaml: `name: x
name: y
nodes: { a: }
`,
    says: `lab.yaml:2:1: "name" stands twice in one mapping, first at line 1
  fix: keep one of the two`,
  },
  {
    what: "a node twice under the same words",
    yaml: `name: x
nodes:
  a:
  a:
`,
    says: `lab.yaml:4:3: "a" stands twice in one mapping, first at line 3
  fix: keep one of the two`,
  },
  {
    what: "two documents",
    yaml: `name: x
nodes: { a: }
---
name: y
`,
    says: `lab.yaml:3:1: a second YAML document begins here
  fix: keep one topology in one file, without ---`,
  },
  {
    what: "a star without quotes",
    yaml: `${rule}{ from: *, delay: 5ms }
`,
    says: `lab.yaml:5:15: a * without quotes is no pattern in YAML
  fix: put it in quotes: "*"`,
  },
  {
    what: "a wildcard that YAML reads as an alias",
    yaml: `${rule}from: *a
      delay: 5ms
`,
    says: `lab.yaml:5:13: alias *a names nothing
  fix: a pattern that begins with * needs quotes, as in "*a"; an alias needs &a above it`,
  },
  {
    what: "an alias inside what it names",
    yaml: `name: x
nodes: &all
  a: *all
`,
    says: `lab.yaml:3:6: alias *all stands inside what it names
  fix: write the value out`,
  },
  {
    what: "brackets without quotes inside braces",
    yaml: `${rule}{ from: a[1-2], delay: 5ms }
`,
    says: `lab.yaml:5:16: a [ after text begins a new list in YAML
  fix: put patterns in quotes: "dsp[1-10]"`,
  },
  {
    what: "a YAML tag",
    yaml: `name: !lab x
nodes: { a: }
`,
    says: `lab.yaml:1:7: YAML tags such as !lab are not used here
  fix: remove the tag`,
  },
  {
    what: "a value that begins with a percent sign",
    yaml: `${rule}{ loss: %1 }
`,
    says: `lab.yaml:5:15: a value cannot begin with %
  fix: put the value in quotes`,
  },
  {
    what: "an empty key",
    yaml: `name: x
nodes: { a: }
? 
: 1
`,
    says: `lab.yaml:3:3: a key is missing before the colon
  fix: write "key: value"`,
  },
  {
    what: "values nested too deeply",
    yaml: `name: x
nodes: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
`,
    says: `lab.yaml:2:32: values are nested too deeply
  fix: see docs/topology.md for the format`,
  },
  {
    what: "no name",
    yaml: `nodes: { a: }
`,
    says: `lab.yaml:1:1: name: is missing
  fix: add it, for example fog-15`,
  },
  {
    what: "no nodes",
    yaml: `name: x
`,
    says: `lab.yaml:1:1: nodes: is missing
  fix: add it, for example edge[1-3]: { role: worker }`,
  },
  {
    what: "a name with a space",
    yaml: `name: my lab
nodes: { a: }
`,
    says: `lab.yaml:1:7: name: "my lab" cannot name a lab
  fix: letters, digits and hyphens, at most 63, not - at the ends`,
  },
  {
    what: "nodes as a list",
    yaml: `name: x
nodes: [a, b]
`,
    says: `lab.yaml:2:8: nodes: must be a mapping of names to values, not a list
  fix: for example edge[1-3]: { role: worker }`,
  },
  {
    what: "an empty nodes section",
    yaml: `name: x
nodes: {}
`,
    says: `lab.yaml:2:8: nodes: declares no node
  fix: for example edge[1-3]: { role: worker }`,
  },
  {
    what: "an unknown key at the top",
    yaml: `${two}netwrok: {}
`,
    says: `lab.yaml:3:1: unknown key "netwrok" in a topology
  fix: did you mean network?`,
  },
  {
    what: "an unknown key far from all known ones",
    yaml: `${two}zzzzzzzzzz: 1
`,
    says: `lab.yaml:3:1: unknown key "zzzzzzzzzz" in a topology
  fix: it takes: name, defaults, fabric, mtu, seed, subnet, nodes, network, links, events`,
  },
  {
    what: "an unknown key in a node",
    yaml: `name: x
nodes: { a: { roll: worker } }
`,
    says: `lab.yaml:2:15: unknown key "roll" in a node
  fix: did you mean role?`,
  },
  {
    what: "an unknown key in a pair rule",
    yaml: `${rule}{ latency: 5ms }
`,
    says: `lab.yaml:5:9: unknown key "latency" in a pair rule
  fix: did you mean delay?`,
  },
  {
    what: "a misspelt key in a pair rule",
    yaml: `${rule}{ dealy: 5ms }
`,
    says: `lab.yaml:5:9: unknown key "dealy" in a pair rule
  fix: did you mean delay?`,
  },
  {
    what: "a pair rule that is no mapping",
    yaml: `${rule}5ms
`,
    says: `lab.yaml:5:7: pairs, item 1: must be a mapping of keys to values, not a single value
  fix: write keys such as from, to, both under it`,
  },
  {
    what: "pairs as a mapping",
    yaml: `${two}network:
  pairs: { delay: 5ms }
`,
    says: `lab.yaml:4:10: pairs: must be a list, not a mapping
  fix: for example - { to: "dsp*", delay: 25ms }`,
  },
  {
    what: "a value that is missing",
    yaml: `${rule}delay:
`,
    says: `lab.yaml:5:7: delay: has no value
  fix: for example 25ms`,
  },
  {
    what: "a delay as a mapping",
    yaml: `${rule}delay: { mean: 5ms }
`,
    says: `lab.yaml:5:14: delay: must be a single value, not a mapping
  fix: for example 25ms`,
  },
  {
    what: "a delay without a unit",
    yaml: `${rule}{ delay: 25 }
`,
    says: `lab.yaml:5:16: delay: "25" has no unit
  fix: write 25ms or 25s`,
  },
  {
    what: "a delay in an unknown unit",
    yaml: `${rule}{ delay: 25msec }
`,
    says: `lab.yaml:5:16: delay: "25msec": there is no unit "msec" for a duration
  fix: write it like 25ms, 100us, 1s or 2m`,
  },
  {
    what: "a delay that is no number",
    yaml: `${rule}{ delay: slow }
`,
    says: `lab.yaml:5:16: delay: "slow" is not a duration
  fix: write it like 25ms, 100us, 1s or 2m`,
  },
  {
    what: "a negative delay",
    yaml: `${rule}{ delay: -5ms }
`,
    says: `lab.yaml:5:16: delay: "-5ms" is negative
  fix: write a duration of 0 or more`,
  },
  {
    what: "a delay of hours",
    yaml: `${rule}{ delay: 2h }
`,
    says: `lab.yaml:5:16: delay: "2h" is more than an hour
  fix: write a delay of at most 1h`,
  },
  {
    what: "a jitter larger than its delay",
    yaml: `${rule}{ delay: 5ms, jitter: 10ms }
`,
    says: `lab.yaml:5:29: jitter: 10ms is more than the delay of 5ms
  fix: a delay varies by at most itself: lower the jitter, or raise the delay above 10ms`,
  },
  {
    what: "a jitter on pairs without a delay",
    yaml: `${rule}{ to: b, jitter: 10ms }
`,
    says: `lab.yaml:5:24: jitter: 10ms is more than the delay of 0ms from a to b
  fix: give these pairs a delay of at least the jitter, or lower the jitter`,
  },
  {
    what: "a later rule that lowers the delay under its jitter",
    yaml: `${rule}{ delay: 20ms, jitter: 10ms }
    - { to: b, delay: 5ms }
`,
    says: `lab.yaml:6:7: jitter: 10ms is more than the delay of 5ms from a to b
  fix: give these pairs a delay of at least the jitter, or lower the jitter`,
  },
  {
    what: "a jitter without a spread",
    yaml: `${rule}{ delay: 5ms, jitter: { reorder: true } }
`,
    says: `lab.yaml:5:29: jitter: needs a spread or a trace
  fix: add spread: 10ms or trace: FILE`,
  },
  {
    what: "a jitter of two kinds",
    yaml: `${rule}{ delay: 5ms, jitter: { spread: 1ms, trace: t.txt } }
`,
    says: `lab.yaml:5:31: jitter: spread and trace exclude each other
  fix: a trace brings its own spread: keep one of the two`,
  },
  {
    what: "a unit on a jitter that is no trace",
    yaml: `${rule}{ delay: 5ms, jitter: { spread: 1ms, unit: ms } }
`,
    says: `lab.yaml:5:44: jitter: unit is for a trace
  fix: remove it, or add trace: FILE`,
  },
  {
    what: "an unknown distribution",
    yaml: `${rule}{ delay: 5ms, jitter: { spread: 1ms, distribution: parreto } }
`,
    says: `lab.yaml:5:58: distribution: "parreto" is none of its values
  fix: did you mean pareto? (one of: normal, uniform, pareto)`,
  },
  {
    what: "a trace that does not exist",
    yaml: `${rule}{ jitter: { trace: missing.txt } }
`,
    says: `lab.yaml:5:26: cannot read trace file "missing.txt": there is no such file
  fix: names are relative to the file they stand in: put it at missing.txt`,
  },
  {
    what: "a trace with a word in it",
    yaml: `${rule}{ jitter: { trace: words.txt } }
`,
    says: `words.txt:2:1: "slow" is not a number
  fix: write one delay in ms per line, without its unit`,
  },
  {
    what: "a trace of one value",
    yaml: `${rule}{ jitter: { trace: one.txt } }
`,
    says: `one.txt:1:1: the trace has one value
  fix: write measured delays, one per line`,
  },
  {
    what: "a trace that reaches below zero around its delay",
    yaml: `${rule}{ delay: 1ms, jitter: { trace: t.txt } }
`,
    says: `lab.yaml:5:29: jitter: 10ms is more than the delay of 1ms
  fix: a delay varies by at most itself: lower the jitter, or raise the delay above 10ms`,
  },
  {
    what: "a loss without a percent sign",
    yaml: `${rule}{ loss: 0.01 }
`,
    says: `lab.yaml:5:15: loss: "0.01" has no % sign
  fix: write 1% or 0.01%`,
  },
  {
    what: "a loss of more than all",
    yaml: `${rule}{ loss: 120% }
`,
    says: `lab.yaml:5:15: loss: "120%" is more than 100%
  fix: write 0% to 100%`,
  },
  {
    what: "a negative loss",
    yaml: `${rule}{ loss: -1% }
`,
    says: `lab.yaml:5:15: loss: "-1%" is negative
  fix: write 0% to 100%`,
  },
  {
    what: "a loss in bursts that leaves nothing between them",
    yaml: `${rule}{ loss: { ratio: 90%, burst: 2 } }
`,
    says: `lab.yaml:5:15: loss: 90% lost in bursts of 2 leaves no packets between the bursts
  fix: with bursts of 2 at most 66% can be lost`,
  },
  {
    what: "a loss of two models",
    yaml: `${rule}{ loss: { ratio: 1%, enter: 1% } }
`,
    says: `lab.yaml:5:28: loss: ratio and enter exclude each other
  fix: write ratio and burst, or enter, leave, good and bad`,
  },
  {
    what: "a burst without a ratio",
    yaml: `${rule}{ loss: { burst: 5 } }
`,
    says: `lab.yaml:5:15: loss: burst needs a ratio
  fix: add ratio: 1%`,
  },
  {
    what: "a burst shorter than one packet",
    yaml: `${rule}{ loss: { ratio: 1%, burst: 0.5 } }
`,
    says: `lab.yaml:5:35: burst: "0.5" is not a number from 1 to 1000000
  fix: write a number from 1 to 1000000`,
  },
  {
    what: "a loss that never ends",
    yaml: `${rule}{ loss: { enter: 1%, leave: 0% } }
`,
    says: `lab.yaml:5:35: loss: leave of 0% never comes back from the first burst
  fix: write cut: true for a link that is gone, or raise leave`,
  },
  {
    what: "a rate in Mbps",
    yaml: `${rule}{ rate: 100Mbps }
`,
    says: `lab.yaml:5:15: rate: "100Mbps" is ambiguous: bits or bytes?
  fix: write 100Mbit/s for bits or 100MB/s for bytes`,
  },
  {
    what: "a rate as tc writes it",
    yaml: `${rule}{ rate: 100mbit }
`,
    says: `lab.yaml:5:15: rate: "100mbit" is not a rate per second
  fix: write 100Mbit/s`,
  },
  {
    what: "a rate in small letters",
    yaml: `${rule}{ rate: 100mbit/s }
`,
    says: `lab.yaml:5:15: rate: "100mbit/s": there is no unit "mbit/s" for a rate
  fix: did you mean 100Mbit/s?`,
  },
  {
    what: "a rate of zero",
    yaml: `${rule}{ rate: 0Mbit/s }
`,
    says: `lab.yaml:5:15: rate: "0Mbit/s" must be more than 0
  fix: write more than 0, or leave the key out`,
  },
  {
    what: "a queue that holds no packet",
    yaml: `${rule}{ rate: 1Mbit/s, queue: 100B }
`,
    says: `lab.yaml:5:31: queue: a limit of 100 bytes holds no full packet
  fix: write at least 1500B`,
  },
  {
    what: "a queue as a time without a rate",
    yaml: `${rule}{ queue: 100ms }
`,
    says: `lab.yaml:5:16: queue: a limit as a time needs one rate beside it
  fix: add a rate, or write the limit as a size such as 64KB`,
  },
  {
    what: "a queue on pairs without a rate",
    yaml: `${rule}{ queue: 64KB }
`,
    says: `lab.yaml:5:16: queue: without a rate nothing waits from a to b
  fix: add a rate for these pairs`,
  },
  {
    what: "a queue that is neither size nor time",
    yaml: `${rule}{ rate: 1Mbit/s, queue: big }
`,
    says: `lab.yaml:5:31: queue: "big" is neither a size nor a time
  fix: write it like 64KB, 64KiB or 100ms`,
  },
  {
    what: "an MTU below what IPv6 allows",
    yaml: `${rule}{ mtu: 576 }
`,
    says: `lab.yaml:5:14: mtu: "576" is not an MTU from 1280 to 65535 bytes
  fix: IPv6 needs at least 1280; Ethernet has 1500`,
  },
  {
    what: "an MTU that is no number",
    yaml: `${two}mtu: jumbo
`,
    says: `lab.yaml:3:6: mtu: "jumbo" is not an MTU from 1280 to 65535 bytes
  fix: IPv6 needs at least 1280; Ethernet has 1500`,
  },
  {
    what: "a yes for true",
    yaml: `${rule}{ delay: 5ms, both: yes }
`,
    says: `lab.yaml:5:27: both: "yes" is neither true nor false
  fix: write true or false`,
  },
  {
    what: "a pair rule that asks for nothing",
    yaml: `${rule}{ from: a, to: b }
`,
    says: `lab.yaml:5:7: this rule asks for nothing
  fix: add at least one of: delay, jitter, loss, duplicate, corrupt, rate, queue, mtu, cut`,
  },
  {
    what: "a pair of a node with itself",
    yaml: `${rule}{ from: a, to: a, delay: 5ms }
`,
    says: `lab.yaml:5:7: from and to are the same single node, a
  fix: name two nodes: a node's way to itself is not emulated`,
  },
  {
    what: "a pattern that matches nothing",
    yaml: `name: x
nodes: { coord: , "dsp[1-10]": }
network:
  pairs:
    - { to: "dsp[11-12]", delay: 5ms }
`,
    says: `lab.yaml:5:13: pattern "dsp[11-12]" matches no node
  fix: declare such nodes under nodes, or match some of: coord, dsp[1-10]`,
  },
  {
    what: "a pattern that names some nodes too many",
    yaml: `name: x
nodes: { coord: , "dsp[1-10]": }
network:
  pairs:
    - { to: "dsp[9-11]", delay: 5ms }
`,
    says: `lab.yaml:5:13: pattern "dsp[9-11]" names dsp11, which no node is called
  fix: declare such nodes under nodes, or match some of: coord, dsp[1-10]`,
  },
  {
    what: "a misspelt node",
    yaml: `name: x
nodes: { coord: , "dsp[1-10]": }
network:
  pairs:
    - { to: cord, delay: 5ms }
`,
    says: `lab.yaml:5:13: pattern "cord" matches no node
  fix: did you mean coord?`,
  },
  {
    what: "a pattern that is none",
    yaml: `${rule}{ to: "a[1-", delay: 5ms }
`,
    says: `lab.yaml:5:13: "a[1-" is not a pattern of names
  fix: write names (letters, digits, hyphens), *, and brackets of numbers such as dsp[1-10] or dsp[1,3,7-9]`,
  },
  {
    what: "a range that runs backwards",
    yaml: `name: x
nodes: { "a[3-1]": }
`,
    says: `lab.yaml:2:10: range 3-1 in "a[3-1]" runs backwards
  fix: write [1-3]`,
  },
  {
    what: "an endless range",
    yaml: `name: x
nodes: { "a[1-99999999]": }
`,
    says: `lab.yaml:2:10: "a[1-99999999]" stands for more than 4096 names
  fix: declare at most 4096 nodes`,
  },
  {
    what: "more nodes than a lab can have",
    yaml: `name: x
nodes: { "a[1-4000]": , "b[1-4000]": }
`,
    says: `lab.yaml:2:25: this makes more than 4096 nodes
  fix: declare at most 4096 nodes`,
  },
  {
    what: "an empty list of patterns",
    yaml: `${rule}{ to: [], delay: 5ms }
`,
    says: `lab.yaml:5:13: the list of patterns is empty
  fix: write "*" for every node`,
  },
  {
    what: "a node name with an underscore",
    yaml: `name: x
nodes: { my_node: }
`,
    says: `lab.yaml:2:10: "my_node" is not a pattern of names
  fix: write names (letters, digits, hyphens), *, and brackets of numbers such as dsp[1-10] or dsp[1,3,7-9]`,
  },
  {
    what: "a node name that ends with a hyphen",
    yaml: `name: x
nodes: { node-: }
`,
    says: `lab.yaml:2:10: "node-" is not a node's name
  fix: node names are host names: letters, digits and hyphens, at most 63, not - at the ends`,
  },
  {
    what: "a node name of more than 63 characters",
    yaml: `name: x
nodes: { aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: }
`,
    says: `lab.yaml:2:10: the name "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..." has 64 characters
  fix: node names are host names: letters, digits and hyphens, at most 63, not - at the ends`,
  },
  {
    what: "the reserved name",
    yaml: `name: x
nodes: { host: }
`,
    says: `lab.yaml:2:10: "host" is reserved for the machine that runs brume
  fix: choose another name`,
  },
  {
    what: "a wildcard in a declaration",
    yaml: `name: x
nodes: { "a*": }
`,
    says: `lab.yaml:2:10: "a*" declares no name: * only matches
  fix: node names are host names: letters, digits and hyphens, at most 63, not - at the ends`,
  },
  {
    what: "a node declared by two patterns",
    yaml: `name: x
nodes:
  a[1-3]:
  a2: { role: sink }
`,
    says: `lab.yaml:4:3: node "a2" is declared twice, first at line 3
  fix: give each node its own name`,
  },
  {
    what: "two nodes that differ only in case",
    yaml: `name: x
nodes:
  Edge:
  edge:
`,
    says: `lab.yaml:4:3: node "edge" differs only in case from "Edge" at line 3
  fix: give each node its own name`,
  },
  {
    what: "an unknown kind",
    yaml: `name: x
nodes: { a: { kind: dockre } }
`,
    says: `lab.yaml:2:21: kind: "dockre" is none of its values
  fix: did you mean docker? (one of: netns, docker, ssh, qemu)`,
  },
  {
    what: "an unknown device class",
    yaml: `name: x
nodes: { a: { device: pi4 } }
`,
    says: `lab.yaml:2:23: device: there is no device class "pi4"
  fix: did you mean pi4b?`,
  },
  {
    what: "an unknown device class by default",
    yaml: `name: x
defaults: { device: toaster }
nodes: { a: }
`,
    says: `lab.yaml:2:21: device: there is no device class "toaster"
  fix: one of: none, pi3b, pi4b, pi5`,
  },
  {
    what: "a role of two words",
    yaml: `name: x
nodes: { a: { role: the worker } }
`,
    says: `lab.yaml:2:21: role: "the worker" is not a word of letters, digits, - and _
  fix: for example role: worker`,
  },
  {
    what: "a position off the earth",
    yaml: `name: x
nodes: { a: { position: { latitude: 100, longitude: 0 } } }
`,
    says: `lab.yaml:2:37: latitude: "100" is not a number from -90 to 90
  fix: write a number from -90 to 90`,
  },
  {
    what: "half a position",
    yaml: `name: x
nodes: { a: { position: { latitude: 10 } } }
`,
    says: `lab.yaml:2:25: longitude: is missing
  fix: add it, for example 13.4`,
  },
  {
    what: "an ssh node without its host",
    yaml: `name: x
nodes: { a: { kind: ssh } }
`,
    says: `lab.yaml:2:10: a node of kind ssh needs host
  fix: add host: pi@192.168.1.20`,
  },
  {
    what: "one host for several ssh nodes",
    yaml: `name: x
nodes: { "a[1-3]": { kind: ssh, host: pi@10.0.0.1 } }
`,
    says: `lab.yaml:2:39: host: one host for 3 nodes
  fix: write as many hosts as names, such as "pi@192.168.1.[21-23]"`,
  },
  {
    what: "a setting of another kind",
    yaml: `name: x
nodes: { a: { image: debian } }
`,
    says: `lab.yaml:2:15: image: a node of kind netns takes no image
  fix: remove it, or set kind: docker or qemu`,
  },
  {
    what: "a port beyond all ports",
    yaml: `name: x
nodes: { a: { kind: ssh, host: h, port: 70000 } }
`,
    says: `lab.yaml:2:41: port: "70000" is not a whole number from 1 to 65535
  fix: write a whole number from 1 to 65535`,
  },
  {
    what: "too little memory",
    yaml: `name: x
nodes: { a: { kind: qemu, memory: 512B } }
`,
    says: `lab.yaml:2:35: memory: "512B" is too little to start anything in
  fix: write at least 1MiB`,
  },
  {
    what: "only switches",
    yaml: `name: x
nodes: { a: { role: switch } }
`,
    says: `lab.yaml:2:8: nodes: there are only switches
  fix: declare at least one node`,
  },
  {
    what: "a rule for a switch",
    yaml: `name: x
nodes: { a: , b: , s: { role: switch } }
links:
  - { endpoints: [a, s], delay: 1ms }
  - { endpoints: [s, b], delay: 1ms }
network:
  pairs:
    - { to: s, delay: 5ms }
`,
    says: `lab.yaml:8:13: pattern "s" matches only switches
  fix: name nodes: switches are only points of links`,
  },
  {
    what: "an unknown fabric",
    yaml: `${two}fabric: nettem
`,
    says: `lab.yaml:3:9: fabric: "nettem" is none of its values
  fix: did you mean netem? (one of: auto, wire, netem)`,
  },
  {
    what: "a seed that is no whole number",
    yaml: `${two}seed: 1.5
`,
    says: `lab.yaml:3:7: seed: "1.5" is not a whole number from 0 to 4294967295
  fix: write a whole number from 0 to 4294967295`,
  },
  {
    what: "a subnet that is none",
    yaml: `${two}subnet: 10.90.0.0
`,
    says: `lab.yaml:3:9: subnet: "10.90.0.0" is not an IPv4 range
  fix: for example 10.90.0.0/16`,
  },
  {
    what: "a subnet that does not begin where it should",
    yaml: `${two}subnet: 10.90.3.1/16
`,
    says: `lab.yaml:3:9: subnet: 10.90.3.1/16 does not begin where a /16 begins
  fix: write 10.90.0.0/16`,
  },
  {
    what: "a subnet too small",
    yaml: `${two}subnet: 10.90.0.0/31
`,
    says: `lab.yaml:3:9: subnet: 10.90.0.0/31 has 2 addresses for 2 nodes
  fix: write /29 or a larger range`,
  },
  {
    what: "a subnet that cannot be used",
    yaml: `${two}subnet: 127.0.0.0/8
`,
    says: `lab.yaml:3:9: subnet: 127.0.0.0/8 is no range for nodes
  fix: take a private range such as 10.90.0.0/16`,
  },
  {
    what: "an access link without rates",
    yaml: `${two}network:
  access:
    a: {}
`,
    says: `lab.yaml:5:8: an access link needs up, down or both
  fix: add up: 100Mbit/s`,
  },
  {
    what: "an access link for nobody",
    yaml: `${two}network:
  access:
    c[1-2]: 10Mbit/s
`,
    says: `lab.yaml:5:5: pattern "c[1-2]" matches no node
  fix: declare such nodes under nodes, or match some of: a, b`,
  },
  {
    what: "an access queue as a time over two rates",
    yaml: `${two}network:
  access:
    a: { up: 10Mbit/s, down: 20Mbit/s, queue: 50ms }
`,
    says: `lab.yaml:5:47: queue: a limit as a time needs one rate beside it
  fix: add a rate, or write the limit as a size such as 64KB`,
  },
  {
    what: "a matrix that does not exist",
    yaml: `${two}network:
  matrix: { file: gone.tsv, holds: rtt, unit: ms, nodes: "*" }
`,
    says: `lab.yaml:4:19: cannot read matrix file "gone.tsv": there is no such file
  fix: names are relative to the file they stand in: put it at gone.tsv`,
  },
  {
    what: "a matrix without its unit",
    yaml: `${two}network:
  matrix: { file: m.tsv, holds: rtt, nodes: "*" }
`,
    says: `lab.yaml:4:11: unit: is missing
  fix: add it, for example ms`,
  },
  {
    what: "a matrix that holds something else",
    yaml: `${two}network:
  matrix: { file: m.tsv, holds: ping, unit: ms, nodes: "*" }
`,
    says: `lab.yaml:4:33: holds: "ping" is none of its values
  fix: one of: rtt, one-way`,
  },
  {
    what: "a matrix with fewer rows than nodes",
    yaml: `name: x
nodes: { "a[1-3]": }
network:
  matrix: { file: m.tsv, holds: rtt, unit: ms, nodes: "*" }
`,
    says: `lab.yaml:4:55: nodes: 3 nodes for a table of 2 rows
  fix: choose at most 2 nodes, or a larger table than "m.tsv"`,
  },
  {
    what: "a matrix that names other nodes",
    yaml: `${two}network:
  matrix: { file: named.tsv, holds: rtt, unit: ms }
`,
    says: `lab.yaml:4:19: file: the table names "paris", which no node is called
  fix: add nodes: "dsp[1-10]" to say which nodes the rows stand for`,
  },
  {
    what: "a matrix without names and without nodes",
    yaml: `${two}network:
  matrix: { file: m.tsv, holds: rtt, unit: ms }
`,
    says: `lab.yaml:4:11: matrix: the table "m.tsv" names no nodes
  fix: add nodes: "dsp[1-10]" for its rows in order, or a header to the table`,
  },
  {
    what: "a matrix that is not square",
    yaml: `${two}network:
  matrix: { file: ragged.tsv, holds: rtt, unit: ms, nodes: "*" }
`,
    says: `ragged.tsv:2:1: this row holds 1 delay, the table 2 rows
  fix: a matrix is square: a row and a column for each node`,
  },
  {
    what: "a matrix with a word for a number",
    yaml: `${two}network:
  matrix: { file: word.tsv, holds: rtt, unit: ms, nodes: "*" }
`,
    says: `word.tsv:1:3: "fast" is not a number
  fix: write a number, or - where nothing was measured`,
  },
  {
    what: "a matrix with a negative delay",
    yaml: `${two}network:
  matrix: { file: negative.csv, holds: rtt, unit: ms, nodes: "*" }
`,
    says: `negative.csv:1:3: "-3" is negative
  fix: delays are 0 or more`,
  },
  {
    what: "a matrix in the wrong unit",
    yaml: `${two}network:
  matrix: { file: long.tsv, holds: rtt, unit: s, nodes: "*" }
`,
    says: `lab.yaml:4:47: unit: the table's longest delay would be 5000s one-way
  fix: delays are at most 1h: is the unit right?`,
  },
  {
    what: "a link with one end",
    yaml: `${two}links:
  - { endpoints: [a], delay: 1ms }
`,
    says: `lab.yaml:4:18: endpoints: a link has 2 ends, not 1
  fix: for example [edge1, switch1]`,
  },
  {
    what: "a link to an unknown node",
    yaml: `${two}links:
  - { endpoints: [a, bb], delay: 1ms }
`,
    says: `lab.yaml:4:22: endpoints: no node is called "bb"
  fix: declare it under nodes, with role: switch if it only joins links`,
  },
  {
    what: "a link from a node to itself",
    yaml: `${two}links:
  - { endpoints: [a, a], delay: 1ms }
`,
    says: `lab.yaml:4:18: endpoints: both ends are a
  fix: join two nodes`,
  },
  {
    what: "two links between the same nodes",
    yaml: `${two}links:
  - { endpoints: [a, b], delay: 1ms }
  - { endpoints: [b, a], delay: 2ms }
`,
    says: `lab.yaml:5:5: a second link between b and a, first at line 4
  fix: keep one of the two, or put a switch into one of them`,
  },
  {
    what: "a link with an added delay",
    yaml: `${two}links:
  - { endpoints: [a, b], delay: +1ms }
`,
    says: `lab.yaml:4:33: delay: a link has no delay below it to add to
  fix: write delay: 1ms`,
  },
  {
    what: "a link with a queue and no rate",
    yaml: `${two}links:
  - { endpoints: [a, b], queue: 64KB }
`,
    says: `lab.yaml:4:26: queue: a link without a rate has no queue
  fix: add a rate`,
  },
  {
    what: "a switch on no link",
    yaml: `name: x
nodes: { a: , b: , s: { role: switch } }
links:
  - { endpoints: [a, b] }
`,
    says: `lab.yaml:2:20: the switch s is on no link
  fix: add - { endpoints: [s, NODE] } under links, or remove it`,
  },
  {
    what: "an event without a time",
    yaml: `${two}events:
  - { node: a, do: crash }
`,
    says: `lab.yaml:4:5: at: is missing
  fix: add it, for example 60s`,
  },
  {
    what: "an event for nobody",
    yaml: `${two}events:
  - { at: 1s }
`,
    says: `lab.yaml:4:5: an event needs pairs or a node
  fix: add pairs: { to: "dsp7" } with delay, loss, ..., or node: dsp3 with do: crash`,
  },
  {
    what: "an event for nodes and pairs at once",
    yaml: `${two}events:
  - { at: 1s, pairs: { to: a }, delay: 1ms, node: b }
`,
    says: `lab.yaml:4:45: node: does not go with pairs in one event
  fix: write two events`,
  },
  {
    what: "an event that changes nothing",
    yaml: `${two}events:
  - { at: 1s, pairs: { to: a } }
`,
    says: `lab.yaml:4:5: this event changes nothing
  fix: add at least one of: delay, jitter, loss, duplicate, corrupt, rate, queue, mtu, cut`,
  },
  {
    what: "an event that does nothing",
    yaml: `${two}events:
  - { at: 1s, node: a }
`,
    says: `lab.yaml:4:5: the event does nothing to its nodes
  fix: add do: crash, pause, partition, ...`,
  },
  {
    what: "an action on no node",
    yaml: `${two}events:
  - { at: 1s, do: crash }
`,
    says: `lab.yaml:4:5: do: crash needs a node
  fix: add node: dsp3`,
  },
  {
    what: "an unknown action",
    yaml: `${two}events:
  - { at: 1s, node: a, do: crush }
`,
    says: `lab.yaml:4:28: do: "crush" is none of its values
  fix: did you mean crash? (one of: crash, restart, pause, resume, partition, heal, flap, churn)`,
  },
  {
    what: "a restart that lasts",
    yaml: `${two}events:
  - { at: 1s, node: a, do: restart, for: 5s }
`,
    says: `lab.yaml:4:37: for: restart is over at once
  fix: remove for`,
  },
  {
    what: "a flap that ends before its first period",
    yaml: `${two}events:
  - { at: 1s, node: a, do: flap, every: 10s, for: 5s }
`,
    says: `lab.yaml:4:51: for: it ends before its first period
  fix: make for at least as long as every`,
  },
  {
    what: "a rate in Mb/s",
    yaml: `${rule}{ rate: 10Mb/s }
`,
    says: `lab.yaml:5:15: rate: "10Mb/s" is ambiguous: bits or bytes?
  fix: write 10Mbit/s for bits or 10MB/s for bytes`,
  },
  {
    what: "an alias that stands for too much",
    yaml: `a: &a [1,1,1,1,1,1,1,1,1,1]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]
f: [*e,*e,*e,*e,*e,*e]
`,
    says: `lab.yaml:6:4: more than 500000 values
  fix: make the topology smaller, or use fewer aliases`,
  },
  {
    what: "a list of a list of patterns",
    yaml: `${rule}{ to: [a, [b]], delay: 5ms }
`,
    says: `lab.yaml:5:17: to, item 2: must be a single value, not a list
  fix: for example dsp[1-10]`,
  },
  {
    what: "a pattern in a list that matches nothing",
    yaml: `${rule}{ to: [a, c], delay: 5ms }
`,
    says: `lab.yaml:5:17: pattern "c" matches no node
  fix: declare such nodes under nodes, or match some of: a, b`,
  },
  {
    what: "a bandwidth instead of a rate",
    yaml: `${rule}{ bandwidth: 5Mbit/s }
`,
    says: `lab.yaml:5:9: unknown key "bandwidth" in a pair rule
  fix: did you mean rate?`,
  },
  {
    what: "a matrix table without rows",
    yaml: `${two}network:
  matrix: { file: empty.tsv, holds: rtt, unit: ms, nodes: "*" }
`,
    says: `empty.tsv:1:1: the table is empty
  fix: write a row of delays per node`,
  },
  {
    what: "a matrix whose rows are in another order",
    yaml: `${two}network:
  matrix: { file: order.csv, holds: rtt, unit: ms, nodes: "*" }
`,
    says: `order.csv:2:1: row 1 is named "b", column 1 "a"
  fix: write rows and columns in the same order`,
  },
  {
    what: "a trace with a negative delay",
    yaml: `${rule}{ jitter: { trace: negative.txt } }
`,
    says: `negative.txt:2:1: "-2" is negative
  fix: delays are 0 or more`,
  },
  {
    what: "more hosts than ssh nodes",
    yaml: `name: x
nodes: { "a[1-2]": { kind: ssh, host: "pi@10.0.0.[1-3]" } }
`,
    says: `lab.yaml:2:39: host: 3 hosts for 2 nodes
  fix: write as many hosts as names, such as "pi@192.168.1.[21-22]"`,
  },
  {
    what: "a key that objects would swallow",
    yaml: `${two}__proto__: 1
`,
    says: `lab.yaml:3:1: "__proto__" cannot be a key
  fix: remove it`,
  },
  {
    what: "a crash with a period",
    yaml: `${two}events:
  - { at: 1s, node: a, do: crash, every: 5s }
`,
    says: `lab.yaml:4:35: every: crash happens once
  fix: remove every, or do: flap or churn`,
  },
  {
    what: "an event of no length",
    yaml: `${two}events:
  - { at: 1s, pairs: { to: a }, delay: 5ms, for: 0s }
`,
    says: `lab.yaml:4:50: for: "0s" must be more than 0
  fix: write more than 0, or leave the key out`,
  },
  {
    what: "an event with a jitter on no delay",
    yaml: `${two}events:
  - { at: 1s, pairs: { to: a }, jitter: 5ms }
`,
    says: `lab.yaml:4:41: jitter: 5ms is more than the delay of 0ms from b to a
  fix: give these pairs a delay of at least the jitter, or lower the jitter`,
  },
  {
    what: "an event on a node that is not declared",
    yaml: `${two}events:
  - { at: 1s, node: dsp3, do: crash }
`,
    says: `lab.yaml:4:21: pattern "dsp3" matches no node
  fix: declare such nodes under nodes, or match some of: a, b`,
  },
  {
    what: "several mistakes at once",
    yaml: `name: x
fabric: fast
nodes: { a: , b: }
network:
  pairs:
    - { delay: 25, loss: 5 }
`,
    says: `lab.yaml:2:9: fabric: "fast" is none of its values
  fix: one of: auto, wire, netem
lab.yaml:6:16: delay: "25" has no unit
  fix: write 25ms or 25s
lab.yaml:6:26: loss: "5" has no % sign
  fix: write 5%`,
  },
];

function readSide(path: string): string {
  const text = sideFiles[path];
  if (text === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
  return text;
}

for (const { what, yaml, says } of badFiles) {
  test(`${what} is refused with its place, the reason and the remedy`, () => {
    const parse = () => parseTopology(yaml, "lab.yaml", readSide, devicesOf("pi3b", "pi4b", "pi5"));
    assert.throws(parse, (error) => {
      assert.ok(error instanceof TopologyError);
      assert.equal(error.message, says);
      assert.equal(error.exitStatus, 2);
      return true;
    });
  });
}
