"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.getElementById("report");
  const draws = [];

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    for (const child of children) made.append(child);
    return made;
  };
  const shape = (tag, attributes = {}, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const whole = (value) => Math.round(value).toLocaleString("en");
  const times = (value) => value.toFixed(2) + " ×";
  const percent = (share, digits = 2) => (share > 0 ? "+" : share < 0 ? "−" : "") + Math.abs(100 * share).toFixed(digits) + " %";
  const bytes = (value) => (value >= 1e9 ? (value / 1e9).toFixed(2) + " GB" : value >= 1e6 ? (value / 1e6).toFixed(1) + " MB" : whole(value / 1e3) + " kB");

  const words = {
    baseline: "", given: "", best: "recommended", recommended: "recommended", not_added: "adds nothing more", no_gain: "no gain beyond noise", slower: "slower",
    costs_quality: "costs quality", quality_unknown: "quality not shown", refused: "not here", failed: "failed", not_measured: "not measured",
  };
  const tone = { best: "good", recommended: "good", slower: "bad", costs_quality: "bad", failed: "bad", quality_unknown: "quiet", refused: "quiet", not_measured: "quiet", no_gain: "quiet", not_added: "quiet" };
  const fill = (finding) =>
    ["best", "recommended"].includes(finding.verdict) ? "var(--c2)" : finding.verdict === "given" ? "var(--c0)" : ["slower", "costs_quality"].includes(finding.verdict) ? "var(--c1)" : "var(--faint)";

  const measured = data.findings.filter((finding) => finding.gain);
  const best = data.findings.find((finding) => finding.verdict === "best");
  const given = data.findings.find((finding) => finding.verdict === "given");

  const panel = (parent, title, about, wide) => {
    const section = element("section", wide ? { class: "wide" } : {}, element("h2", {}, title));
    if (about) section.append(element("p", {}, about));
    parent.append(section);
    return section;
  };
  // Drawn anew when its place changes its width.
  const drawing = (parent, draw) => {
    const place = element("div");
    parent.append(place);
    const now = () => { place.replaceChildren(); place.append(draw(Math.max(280, parent.clientWidth - 32))); };
    draws.push(now);
    now();
  };
  const canvas = (width, height) => shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const shortened = (text, most) => (text.length <= most ? text : text.slice(0, most - 1) + "…");

  root.replaceChildren(element("h1", {}, "How to train " + data.recipe + " faster"));
  root.append(element("p", {}, [data.description, `${data.processor}, ${data.cores} cores, ${data.engine}`].filter(Boolean).join(" · ")));
  if (!data.complete) root.append(element("p", { class: "bad" }, "The measurement was stopped before its end: what follows is what was measured until then."));

  const tiles = element("ul", { class: "tiles" });
  const tile = (value, text) => tiles.append(element("li", {}, element("b", {}, value), element("span", {}, text)));
  if (best && best.gain) tile(times(best.gain.times), "the best over the baseline");
  if (best && given && best.samples_per_second && given.samples_per_second) {
    tile(times(best.samples_per_second.median / given.samples_per_second.median), "the best over the recipe as it is");
    tile(whole(best.samples_per_second.median), "samples a second");
  }
  if (best && best.quality) tile(percent(best.quality.change), "loss, " + percent(best.quality.low) + " to " + percent(best.quality.high));
  const count = Object.keys(data.changes).length;
  tile(String(count), count === 1 ? "setting to change" : "settings to change");
  root.append(tiles);

  const grid = element("div", { class: "grid" });
  root.append(grid);

  // Speed: a bar each, the interval over turns as a whisker.
  drawing(panel(grid, "Speed", "Times the baseline (one thread, float32, nothing fused), measured in turn; the line is the interval of the median over turns. Green is recommended, red is slower or costs quality.", true), (width) => {
    const narrow = width < 560;
    const left = narrow ? 8 : 250;
    const right = 150;
    const height = narrow ? 46 : 30;
    const svg = canvas(width, measured.length * height + 26);
    const most = 1.05 * Math.max(1, ...measured.map((finding) => finding.gain.high));
    const x = (value) => left + ((width - left - right) * value) / most;
    svg.append(shape("line", { x1: x(1), x2: x(1), y1: 0, y2: measured.length * height, class: "limit", style: "stroke: var(--faint)" }));
    svg.append(shape("text", { x: x(1), y: measured.length * height + 18, "text-anchor": "middle", class: "faint" }, "baseline"));
    measured.forEach((finding, i) => {
      const top = i * height;
      const bar = narrow ? top + 22 : top + 6;
      const name = shape("text", narrow ? { x: left, y: top + 16 } : { x: left - 10, y: top + 20, "text-anchor": "end" }, shortened(finding.name, narrow ? Math.floor(width / 7.5) : 34));
      name.append(shape("title", {}, finding.name));
      svg.append(name);
      svg.append(shape("rect", { x: left, y: bar, width: Math.max(1, x(finding.gain.times) - left), height: 18, rx: 3, style: "fill: " + fill(finding) }));
      svg.append(shape("line", { x1: x(finding.gain.low), x2: x(finding.gain.high), y1: bar + 9, y2: bar + 9, class: "whisker" }));
      for (const end of [finding.gain.low, finding.gain.high]) svg.append(shape("line", { x1: x(end), x2: x(end), y1: bar + 4, y2: bar + 14, class: "whisker" }));
      svg.append(shape("text", { x: Math.max(x(finding.gain.high), x(finding.gain.times)) + 8, y: bar + 14 }, times(finding.gain.times) + " · " + whole(finding.samples_per_second.median) + "/s"));
    });
    return svg;
  });

  const logTicks = (low, high) => {
    const ticks = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) for (const m of [1, 2, 5]) { const v = m * 10 ** e; if (v >= low && v <= high) ticks.push(v); }
    return ticks.length > 7 ? ticks.filter((v) => /^1/.test(v.toExponential())) : ticks;
  };
  const plain = (v) => (v >= 1000 ? whole(v) : String(Number(v.toPrecision(2))));
  // Texts at points, moved down where they would lie on each other.
  const labels = (svg, points, width) => {
    const taken = [];
    points.sort((a, b) => a.y - b.y).forEach((point) => {
      const text = shortened(point.text, 26);
      const onLeft = point.x + 10 + 7 * text.length > width;
      const from = onLeft ? point.x - 10 - 7 * text.length : point.x + 10;
      let y = point.y + 4;
      while (taken.some((t) => Math.abs(t.y - y) < 14 && from < t.to && t.from < from + 7 * text.length)) y += 14;
      taken.push({ y, from, to: from + 7 * text.length });
      const made = shape("text", { x: onLeft ? point.x - 10 : point.x + 10, y, "text-anchor": onLeft ? "end" : "start" }, text);
      made.append(shape("title", {}, point.text));
      svg.append(made);
    });
  };

  // Several alternatives of one batch size lie one above the other; those within a hair share a label.
  const counted = measured.filter((f) => f.gflops > 0 && f.intensity_at_most > 0);
  if (counted.length) {
    const about = "The arithmetic of matrix products, counted while a step ran, against how much of it there is for each byte that a step must move at least: embedding rows, gradients, weights, moments. "
      + "The lines are what this machine does: " + Math.round(data.roof.float32_gflops) + " GFLOP/s in float32 products, " + Math.round(data.roof.copy_gbytes) + " GB/s in copies"
      + (data.roof.bfloat16_gflops ? ", " + Math.round(data.roof.bfloat16_gflops) + " GFLOP/s in bfloat16" : "") + ".";
    drawing(panel(grid, "Roofline", about), (width) => {
      const height = 340;
      const [left, right, top, bottom] = [56, 16, 12, 44];
      const svg = canvas(width, height);
      const roofs = [[data.roof.float32_gflops, "float32"]].concat(data.roof.bfloat16_gflops ? [[data.roof.bfloat16_gflops, "bfloat16"]] : []);
      const xs = counted.map((f) => f.intensity_at_most);
      const lowX = Math.min(...xs, roofs[0][0] / data.roof.copy_gbytes) / 3;
      const highX = Math.max(...xs, roofs[0][0] / data.roof.copy_gbytes) * (width < 480 ? 20 : 6);
      const lowY = Math.min(...counted.map((f) => f.gflops)) / 2;
      const highY = Math.max(...roofs.map((r) => r[0])) * 1.6;
      const x = (v) => left + ((width - left - right) * Math.log(v / lowX)) / Math.log(highX / lowX);
      const y = (v) => height - bottom - ((height - top - bottom) * Math.log(v / lowY)) / Math.log(highY / lowY);
      for (const tick of logTicks(lowX, highX)) {
        svg.append(shape("line", { x1: x(tick), x2: x(tick), y1: top, y2: height - bottom, class: "gridline" }));
        svg.append(shape("text", { x: x(tick), y: height - bottom + 18, "text-anchor": "middle", class: "faint" }, plain(tick)));
      }
      for (const tick of logTicks(lowY, highY)) {
        svg.append(shape("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: "gridline" }));
        svg.append(shape("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end", class: "faint" }, plain(tick)));
      }
      svg.append(shape("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle", class: "faint" }, "FLOP a byte, at most"));
      svg.append(shape("text", { x: 14, y: (height - bottom) / 2, "text-anchor": "middle", class: "faint", transform: `rotate(-90 14 ${(height - bottom) / 2})` }, "GFLOP/s"));
      for (const [roof, name] of roofs) {
        const ridge = Math.min(highX, Math.max(lowX, roof / data.roof.copy_gbytes));
        const start = Math.max(lowX, lowY / data.roof.copy_gbytes);
        svg.append(shape("polyline", { points: `${x(start)},${y(start * data.roof.copy_gbytes)} ${x(ridge)},${y(Math.min(roof, ridge * data.roof.copy_gbytes))} ${x(highX)},${y(roof)}`, class: "roof" }));
        svg.append(shape("text", { x: width - right - 4, y: y(roof) - 6, "text-anchor": "end", class: "faint" }, name));
      }
      counted.forEach((f) => {
        const dot = shape("circle", { cx: x(f.intensity_at_most), cy: y(f.gflops), r: 5, style: "fill: " + fill(f) });
        dot.append(shape("title", {}, `${f.name}: ${f.gflops.toFixed(1)} GFLOP/s, ${f.roof_percent.toFixed(0)} % of the roof`));
        svg.append(dot);
      });
      const shown = counted.filter((f) => f.verdict === "baseline" || f === best || f.intensity_at_most !== counted[0].intensity_at_most);
      labels(svg, shown.map((f) => ({ x: x(f.intensity_at_most), y: y(f.gflops), text: f === best ? "best" : f.name })), width - right);
      return svg;
    });
  }

  const judged = measured.filter((finding) => finding.quality);
  if (judged.length) {
    const one = judged[0].quality;
    drawing(panel(grid, "Quality against speed", `Relative change of the validation loss after ${whole(one.samples)} samples (${one.seeds} ${one.seeds === 1 ? "seed" : "seeds"}, ${whole(one.rows)} validation samples), with its interval at 95 %, against the speed. Above the dashed line is more than the tolerance of ${(100 * data.tolerance).toFixed(2)} %.`), (width) => {
      const height = 340;
      const [left, right, top, bottom] = [88, 16, 12, 44];
      const svg = canvas(width, height);
      const points = [{ name: "baseline", gain: { times: 1 }, quality: { change: 0, low: 0, high: 0 }, verdict: "baseline" }, ...judged];
      const values = points.flatMap((p) => [p.quality.low, p.quality.high]).concat([data.tolerance, 0]);
      const room = 0.12 * (Math.max(...values) - Math.min(...values));
      const [lowY, highY] = [Math.min(...values) - room, Math.max(...values) + room];
      const [lowX, highX] = [Math.min(0.9, ...points.map((p) => p.gain.times - 0.1)), 1.15 * Math.max(...points.map((p) => p.gain.times))];
      const x = (v) => left + ((width - left - right) * (v - lowX)) / (highX - lowX);
      const y = (v) => height - bottom - ((height - top - bottom) * (v - lowY)) / (highY - lowY);
      const step = (low, high, most) => { const raw = (high - low) / most; const e = 10 ** Math.floor(Math.log10(raw)); return [1, 2, 5, 10].map((m) => m * e).find((s) => s >= raw); };
      const sx = step(lowX, highX, width < 420 ? 4 : 7);
      for (let v = Math.ceil(lowX / sx) * sx; v <= highX; v += sx) {
        svg.append(shape("line", { x1: x(v), x2: x(v), y1: top, y2: height - bottom, class: "gridline" }));
        svg.append(shape("text", { x: x(v), y: height - bottom + 18, "text-anchor": "middle", class: "faint" }, Number(v.toFixed(2)) + " ×"));
      }
      const sy = step(lowY, highY, 6);
      for (let v = Math.ceil(lowY / sy) * sy; v <= highY; v += sy) {
        svg.append(shape("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), class: "gridline" }));
        svg.append(shape("text", { x: left - 8, y: y(v) + 4, "text-anchor": "end", class: "faint" }, Math.abs(v) < 1e-9 ? "0" : percent(v, 100 * sy < 0.1 ? 2 : 1)));
      }
      svg.append(shape("line", { x1: left, x2: width - right, y1: y(data.tolerance), y2: y(data.tolerance), class: "limit" }));
      svg.append(shape("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle", class: "faint" }, "times the baseline's speed"));
      svg.append(shape("text", { x: 14, y: (height - bottom) / 2, "text-anchor": "middle", class: "faint", transform: `rotate(-90 14 ${(height - bottom) / 2})` }, "loss: lower is better"));
      points.forEach((p) => {
        svg.append(shape("line", { x1: x(p.gain.times), x2: x(p.gain.times), y1: y(p.quality.low), y2: y(p.quality.high), class: "whisker" }));
        svg.append(shape("circle", { cx: x(p.gain.times), cy: y(p.quality.change), r: 5, style: "fill: " + fill(p) }));
      });
      labels(svg, points.map((p) => ({ x: x(p.gain.times), y: y(p.quality.change), text: p === best ? "best" : p.name })), width - right);
      return svg;
    });
  }

  const all = panel(grid, "All that was tried", "Memory is that of the weights and of what the optimiser remembers, without activations. The share of the roof is that of float32 products on all cores.", true);
  // The verdict comes second: on a narrow page it is the last columns that are out of sight.
  const head = ["technique", "verdict", "loss", "samples/s", "spread", "× baseline", "interval", "of roof", "memory"];
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...head.map((text, i) => element("th", i > 1 ? { class: "n" } : { class: "l" }, text)))));
  const body = element("tbody");
  for (const f of data.findings) {
    const rate = f.samples_per_second;
    const cells = [
      rate ? whole(rate.median) : "–", rate ? ((100 * (rate.max - rate.min)) / rate.median).toFixed(0) + " %" : "–",
      f.gain ? f.gain.times.toFixed(2) : "–", f.gain ? f.gain.low.toFixed(2) + " to " + f.gain.high.toFixed(2) : "–",
      rate ? f.roof_percent.toFixed(0) + " %" : "–", rate ? bytes(f.state_bytes) : "–",
    ];
    const loss = element("td", { class: "n" }, f.quality ? percent(f.quality.change) : "–");
    if (f.quality) loss.append(element("br"), element("span", { class: "quiet" }, percent(f.quality.low) + " to"), element("br"), element("span", { class: "quiet" }, percent(f.quality.high)));
    const about = element("td", { class: "words" }, element("span", { class: tone[f.verdict] || "" }, words[f.verdict]));
    if (f.reason) about.append(words[f.verdict] ? ": " + f.reason : f.reason);
    const name = element("td", { class: "words" }, element("b", {}, f.name), element("br"), element("span", { class: "quiet" }, f.explanation));
    for (const [key, value] of Object.entries(f.settings)) name.append(element("br"), element("code", {}, key + "=" + value));
    body.append(element("tr", { style: "vertical-align: top" }, name, about, loss, ...cells.map((text) => element("td", { class: "n" }, text))));
  }
  table.append(body);
  all.append(element("div", { class: "scroll" }, table));

  const recipe = panel(grid, "The recipe", count ? "As given, with the settings that make it fastest." : "The recipe as it is: no other settings were faster by more than noise.", true);
  recipe.append(element("div", { class: "scroll" }, element("pre", {}, data.yaml)));
  root.append(element("footer", {}, `Marquee · ${data.java} · ${whole(data.dense_parameters)} parameters, ${whole(data.embedding_parameters)} in embedding tables`));

  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => draws.forEach((draw) => draw()), 150); });
})();
