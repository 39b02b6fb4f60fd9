#pragma once

#include <string_view>

namespace inlier {

/// The style sheet of the report, for light and dark screens and for paper.
inline constexpr std::string_view kReportStyle = R"(
:root { color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f23; --quiet: #57606a; --line: #d8dee4; --panel: #f6f8fa;
  --yes: #0a6637; --no: #57606a; --bad: #a32018; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171a; --ink: #e6e8ea; --quiet: #a3abb3; --line: #353b41; --panel: #1d2125;
  --yes: #6fdc9f; --no: #a3abb3; --bad: #ff9a90; --link: #82bdff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 0; font-weight: 600; }
.folder { color: var(--quiet); font-weight: 400; }
a { color: var(--link); }
header p, .small { color: var(--quiet); margin: 0; }
.small { font-size: .875rem; }
.answer { font-size: 1.4rem; line-height: 1.3; margin: .15rem 0 1rem; font-weight: 600; }
.yes { color: var(--yes); } .no { color: var(--no); } .bad { color: var(--bad); }
article { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: 1.75rem; }
figure { margin: 0 0 1rem; }
svg { display: block; width: 100%; height: auto; border-radius: 6px; background: var(--panel); }
svg.pair { border-radius: 0; background: none; }
.casing, .outline { fill: none; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.casing { stroke: #000; stroke-width: 5.5px; stroke-opacity: .75; } .outline { stroke-width: 3px; }
.difference { stroke-width: 2px; stroke-dasharray: 6 4; }
svg text { font-family: system-ui, sans-serif; font-weight: 650; paint-order: stroke; stroke: #000;
  stroke-width: .22em; stroke-linejoin: round; }
.links, .dots { fill: none; vector-effect: non-scaling-stroke; stroke-linecap: round; }
.links { stroke-width: 1px; stroke-opacity: .7; } .dots { stroke-width: 4.5px; }
.links, .dots { filter: drop-shadow(0 0 .5px #000); }
.gone { fill: var(--panel); stroke: var(--quiet); stroke-dasharray: 4 4; }
.table { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
caption { text-align: left; color: var(--quiet); font-size: .875rem; padding-bottom: .35rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { font-weight: 600; white-space: nowrap; overflow-wrap: normal; }
th .small { font-weight: 400; white-space: normal; }
tr.accepted td:nth-child(3) { color: var(--yes); font-weight: 600; }
tr.rejected td, tr.rejected th { color: var(--quiet); font-weight: 400; }
td.number, th.number { width: 1%; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.swatch { display: inline-block; width: .8em; height: .8em; margin-right: .45em; border-radius: 2px;
  border: 1px solid #000; vertical-align: -.05em; }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0 0 .75rem; background: var(--panel); }
summary { cursor: pointer; padding: .55rem .9rem; font-weight: 600; }
summary span { font-weight: 400; color: var(--quiet); }
details figure { padding: 0 .9rem .9rem; margin: 0; }
@media print {
  :root { --paper: #fff; --ink: #000; --quiet: #444; --line: #bbb; --panel: #fff;
    --yes: #0a6637; --no: #444; --bad: #a32018; --link: #000; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  figure, details, tr { break-inside: avoid; } h2, .answer { break-after: avoid; }
  svg.photo { max-height: 14cm; } }
)";

}  // namespace inlier
