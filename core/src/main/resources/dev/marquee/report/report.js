"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const runs = data.runs;
  const root = document.getElementById("report");
  const charts = [];
  const color = (i) => getComputedStyle(document.documentElement).getPropertyValue("--c" + (i % 8)).trim();
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    for (const child of children) made.append(child);
    return made;
  };
  const number = (value, digits = 4) =>
    typeof value !== "number" ? "–" : Math.abs(value) >= 1e5 ? value.toLocaleString("en", { maximumFractionDigits: 0 }) : value.toFixed(digits);
  const whole = (value) => (typeof value === "number" ? Math.round(value).toLocaleString("en") : "–");
  const probability = (logit) => 1 / (1 + Math.exp(-logit));

  const panel = (parent, title, about, wide) => {
    const section = element("section", wide ? { class: "wide" } : {}, element("h2", {}, title));
    if (about) section.append(element("p", {}, about));
    parent.append(section);
    return section;
  };
  const table = (parent, heads, rows) => {
    const head = element("tr", {}, ...heads.map((text, i) => element("th", i ? { class: "n" } : {}, text)));
    const body = rows.map((row) => element("tr", {}, ...row.map((cell, i) => element("td", i ? { class: "n" } : {}, cell))));
    parent.append(element("div", { class: "scroll" }, element("table", {}, element("thead", {}, head), element("tbody", {}, ...body))));
  };

  // A chart is drawn anew when its place changes its width or the page its colours.
  const chart = (parent, options, values) => {
    const place = element("div");
    parent.append(place);
    const draw = () => {
      place.replaceChildren();
      const width = Math.max(260, Math.floor(parent.clientWidth - 32));
      const axis = (extra) => ({ stroke: css("--faint"), grid: { stroke: css("--grid"), width: 1 }, ticks: { stroke: css("--grid") }, ...extra });
      new uPlot(
        {
          width,
          height: 260,
          cursor: { drag: { x: true, y: false } },
          scales: options.scales || { x: { time: false } },
          axes: [axis({ label: options.x, labelSize: 22, size: 40, ...(options.xAxis || {}) }), axis({ size: 64, ...(options.yAxis || {}) })],
          series: options.series(),
          hooks: options.hooks || {},
        },
        values,
        place,
      );
    };
    charts.push(draw);
    draw();
  };
  const line = (label, i, extra = {}) => ({ label, stroke: color(i), width: 1.5, spanGaps: true, value: (u, v) => (v == null ? "–" : number(v, 5)), ...extra });
  const redraw = () => charts.forEach((draw) => draw());
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(redraw, 150); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  // Several series with x values of their own, on the union of these.
  const aligned = (series) => {
    const xs = [...new Set(series.flatMap((one) => one.x))].sort((a, b) => a - b);
    const at = new Map(xs.map((x, i) => [x, i]));
    return [xs, ...series.map((one) => {
      const ys = new Array(xs.length).fill(null);
      one.x.forEach((x, i) => { ys[at.get(x)] = one.y[i]; });
      return ys;
    })];
  };

  const named = (run, text) => (runs.length > 1 ? run.name + " · " + text : text);
  const steps = (run) => run.metrics.filter((entry) => typeof entry.loss === "number");
  const epochs = (run) => run.metrics.filter((entry) => typeof entry.training_loss === "number");

  root.replaceChildren(element("h1", {}, data.title));
  root.append(element("p", {}, data.subtitle));

  const tiles = element("ul", { class: "tiles" });
  if (runs.length === 1) {
    const run = runs[0];
    const shown = Object.entries(run.summary.test || {}).filter(([name]) => name !== "pr_auc").slice(0, 10);
    for (const [name, value] of shown) {
      const best = (run.summary.reachable || {})[name];
      tiles.append(element("li", {}, element("b", {}, name === "accuracy" ? number(100 * value, 2) + " %" : number(value)),
        element("span", {}, name.replaceAll("_", " ") + (typeof best === "number" ? " · best " + number(best) : ""))));
    }
    root.append(tiles);
  }

  const grid = element("div", { class: "grid" });
  root.append(grid);

  if (runs.length > 1) {
    const names = [...new Set(runs.flatMap((run) => Object.keys(run.summary.test || {})))];
    const section = panel(grid, "Test metrics", data.comparison || "", true);
    table(section, ["run", ...names.map((name) => name.replaceAll("_", " "))], runs.map((run) => [run.name, ...names.map((name) => number((run.summary.test || {})[name]))]));
    if ((data.differences || []).length) {
      table(section, ["difference", "metric", "value", "interval", "beyond chance"], data.differences.map((d) =>
        [d.first + " − " + d.second, d.metric, number(d.difference, 5), number(d.low, 5) + " to " + number(d.high, 5), d.beyond_chance ? "yes" : "no"]));
    }
  }

  const lossRuns = runs.filter((run) => steps(run).length || epochs(run).length);
  if (lossRuns.length) {
    const series = [];
    const labels = [];
    for (const run of lossRuns) {
      const own = steps(run);
      if (own.length > 1) { series.push({ x: own.map((e) => e.step), y: own.map((e) => e.loss) }); labels.push([named(run, "batch"), true]); }
      const all = epochs(run);
      series.push({ x: all.map((e) => e.step), y: all.map((e) => e.training_loss) }); labels.push([named(run, "epoch"), false]);
      series.push({ x: all.map((e) => e.step), y: all.map((e) => e.validation_loss ?? null) }); labels.push([named(run, "validation"), false]);
    }
    chart(panel(grid, "Loss", "The training loss of single batches and of whole epochs, and that of the validation samples."), {
      x: "step",
      series: () => [{ label: "step" }, ...labels.map(([label, thin], i) => line(label, i, thin ? { width: 1, alpha: 0.45 } : { points: { show: true, size: 6, fill: color(i) } }))],
    }, aligned(series));
  }

  const validation = [...new Set(runs.flatMap((run) => epochs(run).flatMap((entry) => Object.keys(entry))))]
    .filter((key) => /^validation_(.*\.)?(auc|gauc|accuracy|normalized_entropy)$/.test(key));
  // A single epoch has nothing to follow; its figures stand above.
  for (const key of runs.some((run) => epochs(run).length > 1) ? validation : []) {
    chart(panel(grid, key.replace("validation_", "Validation ").replaceAll("_", " "), ""), {
      x: "step",
      series: () => [{ label: "step" }, ...runs.map((run, i) => line(named(run, key.replace("validation_", "")), i, { points: { show: true, size: 6, fill: color(i) } }))],
    }, aligned(runs.map((run) => ({ x: epochs(run).map((e) => e.step), y: epochs(run).map((e) => e[key] ?? null) }))));
  }

  const labelled = runs.flatMap((run) => ((run.evaluation || {}).labels || []).map((label) => ({ run, label })));
  const title = (one) => named(one.run, one.label.label);
  const curved = labelled.filter((one) => one.label.roc.length > 1);
  if (curved.length) {
    const series = [{ x: [0, 1], y: [0, 1] }, ...curved.map((one) => ({ x: one.label.roc.map((p) => p.falsePositiveRate), y: one.label.roc.map((p) => p.truePositiveRate) }))];
    chart(panel(grid, "ROC", "How many of the ones are found, against how many of the zeros are taken for ones, over all thresholds; on the test data."), {
      x: "false positive rate",
      scales: { x: { time: false, range: [0, 1] }, y: { range: [0, 1] } },
      series: () => [{ label: "false positive rate", value: (u, v) => number(v, 3) }, line("chance", 7, { dash: [4, 4], width: 1 }), ...curved.map((one, i) => line(title(one), i))],
    }, aligned(series));
  }
  const calibrated = labelled.filter((one) => one.label.calibration.length > 1);
  if (calibrated.length) {
    const top = Math.max(...calibrated.flatMap((one) => one.label.calibration.flatMap((bin) => [bin.predicted, bin.observed])));
    const series = [{ x: [0, top], y: [0, top] }, ...calibrated.map((one) => ({ x: one.label.calibration.map((bin) => bin.predicted), y: one.label.calibration.map((bin) => bin.observed) }))];
    chart(panel(grid, "Calibration", "The mean probability predicted against the share of ones observed, in bins of equal weight. On the dashed line, predictions can be taken at their word."), {
      x: "predicted",
      series: () => [{ label: "predicted", value: (u, v) => number(v) }, line("perfect", 7, { dash: [4, 4], width: 1 }), ...calibrated.map((one, i) => line(title(one), i, { points: { show: true, size: 6, fill: color(i) } }))],
    }, aligned(series));
  }
  for (const one of labelled.filter((some) => some.label.scores.length)) {
    const bins = one.label.scores;
    const share = (counts) => { const sum = counts.reduce((a, b) => a + b, 0) || 1; return counts.map((count) => count / sum); };
    chart(panel(grid, "Scores" + (labelled.length > 1 ? " of " + title(one) : ""), "The share of rows of each class by predicted probability, in ranges of equal log-odds."), {
      x: "probability",
      xAxis: { values: (u, splits) => splits.map((v) => { const p = probability(v); return p < 0.001 ? p.toExponential(0) : p > 0.999 ? "≈1" : p.toPrecision(2); }) },
      series: () => [{ label: "probability", value: (u, v) => (v == null ? "–" : probability(v).toPrecision(3)) },
        line("label 0", 0, { fill: color(0) + "40", paths: uPlot.paths.stepped({ align: 1 }) }), line("label 1", 1, { fill: color(1) + "40", paths: uPlot.paths.stepped({ align: 1 }) })],
    }, [bins.map((bin) => bin.from), share(bins.map((bin) => bin.negatives)), share(bins.map((bin) => bin.positives))]);
  }

  for (const run of runs) {
    const slices = (run.evaluation || {}).slices || [];
    for (const feature of new Set(slices.map((slice) => slice.feature))) {
      const own = slices.filter((slice) => slice.feature === feature);
      table(panel(grid, named(run, "By " + feature), "The largest parts of the test rows.", true), [feature, "rows", "AUC", "log loss", "NE", "calibration"],
        own.map((slice) => [slice.value, whole(slice.rows), ...["auc", "log_loss", "normalized_entropy", "calibration"].map((name) => number(slice.metrics[name]))]));
    }
    const own = epochs(run);
    const spent = { training: 0, waiting: 0, evaluating: 0, saving: 0 };
    own.forEach((entry) => Object.keys(spent).forEach((key) => { spent[key] += entry["seconds_" + key] || 0; }));
    const sum = Object.values(spent).reduce((a, b) => a + b, 0);
    if (sum > 0) {
      const section = panel(grid, named(run, "Where the time went"), whole(sum) + " seconds; " + whole(own[own.length - 1].samples_per_second) + " samples a second in the last epoch.");
      const keys = Object.keys(spent).filter((key) => spent[key] > 0);
      section.append(element("div", { class: "bar" }, ...keys.map((key, i) => element("div", { style: "width:" + (100 * spent[key]) / sum + "%;background:var(--c" + i + ")", title: key }))));
      section.append(element("div", { class: "key" }, ...keys.map((key, i) => element("span", {}, element("i", { style: "background:var(--c" + i + ")" }), key + " " + number((100 * spent[key]) / sum, 1) + " %"))));
    }
  }
  // A profile: seconds of each phase as bars, the rest in a table.
  const unit = (bytes) => (bytes >= 2 ** 30 ? number(bytes / 2 ** 30, 2) + " GiB" : bytes >= 2 ** 20 ? number(bytes / 2 ** 20, 1) + " MiB" : number(bytes / 1024, 1) + " KiB");
  const positive = (value, digits) => (value > 0 ? number(value, digits) : "");
  for (const run of runs.filter((one) => one.profile && one.profile.phases)) {
    const profile = run.profile;
    const phases = profile.phases.filter((row) => row.seconds > 0);
    const most = Math.max(...phases.map((row) => row.seconds));
    const section = panel(grid, named(run, "Profile"), whole(profile.steps) + " steps and what lies between them, on the thread that leads: "
      + number(profile.seconds, 1) + " seconds. Figures of work are those of all replicas.", true);
    section.append(element("div", { class: "bars" }, ...phases.flatMap((row) => [
      element("span", {}, row.phase),
      element("div", {}, element("i", { style: "width:" + (100 * row.seconds) / most + "%;background:var(--c" + profile.phases.indexOf(row) + ")" })),
      element("span", { class: "n" }, number(row.seconds, 2) + " s · " + number(100 * row.share, 1) + " %")])));
    const times = (name, t, rest) => [name, whole(t.count), number(t.mean, 2), number(t.median, 2), number(t.p99, 2), ...rest];
    table(section, ["phase", "times", "mean ms", "median ms", "p99 ms", "GFLOP", "GFLOP/s", "GB", "GB/s", "% of the roof"],
      [...phases.map((row) => times(row.phase, row.milliseconds, [positive(row.gflop, 1), positive(row.gflop_per_second, 1),
        positive(row.gigabytes, 2), positive(row.gigabytes_per_second, 2), positive(row.percent_of_roof, 1)])),
      times("step", profile.step, ["", "", "", "", ""])]);
    const facts = [];
    if (profile.roof) facts.push(["roof", number(profile.roof.gflops, 0) + " GFLOP/s of matrix products, " + number(profile.roof.gigabytes_per_second, 1)
      + " GB/s of copies, with " + profile.roof.threads + (profile.roof.threads === 1 ? " thread" : " threads") + ", measured after the training"]);
    if (profile.replicas.length > 1) facts.push(["replicas", profile.replicas.map((r) => "replica " + r.replica + ": forward " + number(r.forward, 2) + " s, backward " + number(r.backward, 2) + " s, "
      + number(r.gflop, 1) + " GFLOP").join("; ")]);
    const memory = profile.memory;
    facts.push(["memory", (memory.peak_resident ? "the process " + unit(memory.peak_resident) + " at most; " : "") + "Java's heap " + unit(memory.peak_heap)
      + " at most; Java objects made by a step: " + unit(profile.heap_bytes_per_step)]);
    facts.push(["tensors kept", Object.entries(memory.arenas).filter(([, bytes]) => bytes > 0).map(([name, bytes]) => name + " " + unit(bytes)).join("; ")]);
    facts.push(["largest", memory.largest.map((one) => one.name + " " + unit(one.bytes)).join("; ")]);
    facts.push(["trace", "trace.json beside this file holds the first " + whole(profile.traced_steps) + " steps; open it in Perfetto (ui.perfetto.dev) or chrome://tracing"]);
    section.append(element("div", { class: "scroll" }, element("table", { class: "facts" }, element("tbody", {}, ...facts.map(([key, value]) => element("tr", {}, element("th", {}, key), element("td", {}, value)))))));
  }
  for (const run of runs) {
    const section = panel(grid, named(run, "Provenance"), "", true);
    const flat = (value, prefix) => Object.entries(value || {}).flatMap(([key, inner]) =>
      inner && typeof inner === "object" ? flat(inner, prefix + key + ".") : [[prefix + key, String(inner)]]);
    section.append(element("div", { class: "scroll" }, element("table", { class: "facts" }, element("tbody", {}, ...flat(run.provenance, "").map(([key, value]) => element("tr", {}, element("th", {}, key), element("td", {}, value)))))));
    section.append(element("details", {}, element("summary", {}, "Recipe"), element("pre", {}, run.recipe)));
  }
  root.append(element("footer", {}, data.footer));
})();
