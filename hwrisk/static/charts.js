// Draws the charts of hwrisk.web.charts and hwrisk.web.diagrams with ECharts; numbers are read as the server wrote them.
"use strict";
(() => {
  const { draw, colour, isStill, paperWidth } = window.hwriskPictures;
  const NARROW = 560;
  const FONT = getComputedStyle(document.body).fontFamily;
  // A big screen has a larger root size: what is drawn grows with it.
  const GROWTH = Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);
  const SMALL = 11 * GROWTH, MEDIUM = 12 * GROWTH;
  const ink = colour("ink"), pale = colour("ink-2"), line = colour("line");
  const PALETTE = [colour("brand"), "#c2701c", "#3f8f74", "#7a5ea8", "#9a3d56", "#5b6b7d", "#2f7fb8", "#a08a1f"];
  const STATES = { bad: colour("bad"), warn: "#b26a14", good: colour("good"), note: "#7d8898" };
  const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin"];
  const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
  const NO_DECAL = { symbol: "none" };
  const UNDERLAID = { backgroundColor: "#ffffff", padding: [1, 2] };
  const charts = new Map();

  const base = (spec) => ({
    animation: false,
    color: PALETTE,
    textStyle: { fontFamily: FONT, color: ink, fontSize: MEDIUM },
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
    // The policy of the pages forbids the inline style of tooltips made of HTML.
    tooltip: { renderMode: "richText", confine: true, textStyle: { color: ink, fontSize: MEDIUM }, backgroundColor: "#ffffff", borderColor: line },
    stateAnimation: { duration: isStill ? 0 : 200 },
  });
  const wrapped = (text, width) => (text.length > width ? text.match(new RegExp(`.{1,${width}}`, "gu")).join("\n") : text);

  const axesTooltip = (spec, at) => [
    spec.categories[at],
    ...spec.series.filter((series) => series.texts[at] !== "—").map((series) => `${series.name}：${series.texts[at]}${spec.unit && !series.texts[at].includes(spec.unit) && series.values[at] !== null ? ` ${spec.unit}` : ""}`),
    ...spec.targets.map((target) => target.label),
  ].join("\n");

  const targetLines = (spec, isFlat) => spec.targets.map((target) => ({
    [isFlat ? "xAxis" : "yAxis"]: target.value,
    label: { formatter: target.label, position: isFlat ? "start" : "insideEndTop", ...(isFlat ? { align: "right" } : {}), color: ink, fontSize: SMALL },
    lineStyle: { color: ink, type: "dashed", width: 1 },
  }));

  // Long names do not fit under upright bars on a phone: there the bars lie.
  const liesFlat = (spec, width) => spec.kind === "bar" && (spec.is_horizontal || (width < NARROW && Math.max(...spec.categories.map((name) => name.length)) > 5));
  // The next larger 1, 2, 2.5, 5 × a power of ten, so that the axis ends on a round number.
  const roundUp = (value) => {
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((one) => one >= value * 0.999999);
  };

  // A rate ends at 100 %; a line of rates begins as low as it must, bars at 0.
  const rateAxis = (spec, isTight) => {
    const values = spec.series.flatMap((one) => one.values).filter((value) => value !== null);
    const lowest = spec.kind === "line" && values.length ? Math.min(...values) : 0;
    const spread = 100 - lowest;
    const interval = isTight ? 50 : [2, 5, 10, 20].find((step) => spread <= step * 5) ?? 25;
    const floor = Math.floor(lowest / interval) * interval;
    // A target on the very bottom is taken for the axis itself.
    const isHidden = spec.kind === "line" && spec.targets.some((target) => target.value <= floor && target.value > floor - interval);
    return { min: Math.max(0, isHidden ? floor - interval : floor), max: 100, interval };
  };

  const axesOption = (spec, width) => {
    const isFlat = liesFlat(spec, width);
    const isNarrow = width < NARROW;
    const few = isFlat || (spec.kind === "line" ? spec.categories.length <= 36 : spec.categories.length * spec.series.length <= 24);
    const legend = spec.series.length > 1;
    const isRate = spec.unit === "%";
    const names = {
      type: "category", data: spec.categories, inverse: isFlat, triggerEvent: true,
      axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
      axisLabel: {
        color: pale, fontSize: MEDIUM, hideOverlap: !isFlat, interval: isFlat ? 0 : "auto",
        formatter: (name) => (/^\d{4}年./u.test(name) && !isFlat ? name.replace("年", "年\n") : wrapped(isFlat && isNarrow && spec.is_stacked && name.length > 14 ? `${name.slice(0, 13)}…` : name, isFlat ? (isNarrow ? 7 : 14) : Math.max(4, Math.floor(width / spec.categories.length / 13)))),
      },
    };
    const top = Math.max(...spec.series.flatMap((s) => s.values.map((v) => v ?? 0)), ...spec.targets.map((t) => t.value), 0);
    const values = {
      type: "value", name: isRate ? "" : spec.unit, nameTextStyle: { color: pale, align: isFlat ? "left" : "right" }, nameGap: isFlat ? 6 : 10,
      axisLabel: { color: pale, fontSize: MEDIUM, hideOverlap: true, ...(isRate ? { formatter: "{value} %" } : {}) }, splitLine: { lineStyle: { color: colour("line-2") } },
      splitNumber: isNarrow ? 3 : 5,
      // A line of rates close to the target would lie on the ceiling; bars always begin at 0.
      ...(spec.kind === "line" ? { scale: true } : { min: (extent) => Math.min(0, extent.min) }),
      ...(isRate && top > 0 && top <= 100 ? rateAxis(spec, isFlat && isNarrow) : spec.targets.length && top > 0 ? { max: (extent) => (extent.max < top ? roundUp(top) : null) } : {}),
    };
    // The figure of a point stands above it: just below a target, it stands on the line of the target.
    const room = isRate && top > 0 && top <= 100 ? 100 - rateAxis(spec, false).min : top;
    const isClose = (value) => value !== null && spec.targets.some((target) => value < target.value && target.value - value < room * 0.15);
    const series = spec.series.map((one, at) => {
      const isLine = spec.kind === "line" || one.is_line;
      return {
        name: one.name, type: isLine ? "line" : "bar", barMaxWidth: 28, connectNulls: false,
        ...(spec.is_stacked && !isLine ? { stack: one.group || "all" } : {}),
        symbol: SYMBOLS[at % SYMBOLS.length], symbolSize: 7,
        lineStyle: { width: 2, type: DASHES[at % DASHES.length] },
        data: one.values.map((value, i) => ({
          // A lying bar without a value still says why: 无超期, 数据不全.
          value: value === null && isFlat && one.texts[i] !== "—" ? 0 : value,
          ...(isLine && isClose(value) ? { label: UNDERLAID } : {}),
          ...(one.states.length ? { itemStyle: { color: STATES[one.states[i]], ...(isLine ? {} : { decal: one.states[i] === "bad" ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: "rgba(255,255,255,.5)" } : NO_DECAL }) } } : {}),
        })),
        ...(!isLine && spec.series.length === 1 && !one.states.length ? { itemStyle: { decal: NO_DECAL } } : {}),
        label: {
          show: few && !spec.is_stacked, position: isFlat ? "right" : "top", color: ink, fontSize: SMALL, textBorderColor: "#ffffff", textBorderWidth: 3,
          // The line of a target runs behind the figures, not through them.
          ...(isLine ? {} : UNDERLAID),
          formatter: (item) => one.texts[item.dataIndex],
        },
        labelLayout: { hideOverlap: true },
        ...(at === 0 && spec.targets.length ? { markLine: { symbol: "none", silent: true, animation: false, z: 1, data: targetLines(spec, isFlat) } } : {}),
      };
    });
    return {
      ...base(spec),
      tooltip: { ...base(spec).tooltip, trigger: "axis", axisPointer: { type: "shadow" }, formatter: (items) => axesTooltip(spec, items[0].dataIndex) },
      legend: { show: legend, top: 0, left: 0, itemGap: 14, textStyle: { color: pale, fontSize: MEDIUM }, type: "scroll" },
      grid: { left: 8, right: isFlat ? 72 : 20, top: (legend ? 36 : 16) + (isFlat ? (spec.targets.length ? 12 : 0) : spec.unit && !isRate ? 18 : 0), bottom: 8, containLabel: true },
      xAxis: isFlat ? { ...values, nameLocation: "end" } : names,
      yAxis: isFlat ? names : values,
      series,
    };
  };

  const flowOption = (spec, width) => {
    const isNarrow = width < NARROW;
    return {
      ...base(spec),
      // Every node and way has its name beside it: patterns would only blur them.
      aria: { enabled: false },
      tooltip: {
        ...base(spec).tooltip,
        formatter: ({ data, dataType, name }) => (dataType === "edge" ? `${data.source} → ${data.target}\n${data.text} ${spec.unit}` : name),
      },
      series: [{
        type: "sankey", orient: isNarrow ? "vertical" : "horizontal", nodeGap: 12, nodeWidth: 14, draggable: false,
        left: isNarrow ? 28 : 4, right: isNarrow ? 28 : 150, top: 8, bottom: isNarrow ? 28 : 8,
        label: { color: ink, fontSize: MEDIUM, width: isNarrow ? 64 : 140, overflow: "break", position: isNarrow ? "bottom" : "right" },
        lineStyle: { color: "source", opacity: 0.3 },
        emphasis: { focus: "adjacency" },
        data: spec.nodes.map((name) => ({ name })),
        links: spec.links,
      }],
    };
  };

  const graphPlaces = (spec, isNarrow, across, along) => {
    const tiers = new Map();
    spec.nodes.forEach((node) => tiers.set(node.tier, [...(tiers.get(node.tier) ?? []), node.key]));
    const places = new Map();
    const last = Math.max(spec.tiers.length - 1, ...tiers.keys(), 1);
    // A column stands in the order of what leads into it, so that few ways cross.
    const rank = new Map();
    const fed = (key) => {
      const from = spec.edges.filter((edge) => edge.target === key && rank.has(edge.source)).map((edge) => rank.get(edge.source));
      return from.length ? from.reduce((sum, one) => sum + one, 0) / from.length : Infinity;
    };
    [...tiers.keys()].sort((a, b) => a - b).forEach((tier) => {
      const means = new Map(tiers.get(tier).map((key) => [key, fed(key)]));
      const sorted = tiers.get(tier).sort((a, b) => (means.get(a) === means.get(b) ? 0 : means.get(a) - means.get(b)));
      sorted.forEach((key, at) => rank.set(key, (at + 0.5) / sorted.length));
    });
    tiers.forEach((keys, tier) => keys.forEach((key, at) => {
      const share = (at + 0.5) / keys.length;
      places.set(key, isNarrow ? { x: share * across, y: (tier / last) * along } : { x: (tier / last) * across, y: share * along });
    }));
    return places;
  };

  // Half of the longest line under a symbol, with the sign of its state in front.
  const SIDE = 92;

  const graphOption = (spec, width) => {
    const isNarrow = width < NARROW;
    const edge = { left: isNarrow ? 24 : SIDE, right: isNarrow ? 24 : SIDE, top: 60, bottom: 44 };
    // Places are in pixels, held by two corners without a mark: any other scale would stretch the symbols.
    const across = width - edge.left - edge.right, along = roomFor(spec, width) - edge.top - edge.bottom;
    const places = graphPlaces(spec, isNarrow, across, along);
    const corners = [{ x: 0, y: 0 }, { x: across, y: along }].map((place, at) => ({ ...place, id: `corner ${at}`, name: `corner ${at}`, shown: "", symbolSize: 0.01, tooltip: { show: false }, silent: true, itemStyle: { opacity: 0 } }));
    const byKey = new Map(spec.nodes.map((node) => [node.key, node]));
    const symbol = (node) => SYMBOLS[Math.max(spec.kinds.indexOf(node.kind), 0) % SYMBOLS.length];
    return {
      ...base(spec),
      legend: { top: 0, left: 0, data: spec.kinds.map((name, at) => ({ name, icon: SYMBOLS[at % SYMBOLS.length] })).filter(({ name }) => name), textStyle: { color: pale, fontSize: MEDIUM }, selectedMode: false, type: "scroll" },
      tooltip: {
        ...base(spec).tooltip,
        formatter: ({ data, dataType }) => (dataType === "edge"
          ? [`${byKey.get(data.source).label} → ${byKey.get(data.target).label}`, data.text, data.state_label].filter(Boolean).join("\n")
          : [data.label_text, data.text, data.state_label].filter(Boolean).join("\n")),
      },
      series: [{
        type: "graph", layout: "none", roam: false, draggable: false, edgeSymbol: ["none", "arrow"], edgeSymbolSize: 9,
        ...edge,
        categories: spec.kinds.map((name, at) => ({ name: name || " ", symbol: SYMBOLS[at % SYMBOLS.length], itemStyle: { color: pale } })),
        label: { show: true, position: "bottom", color: ink, fontSize: MEDIUM, lineHeight: 15, formatter: ({ data }) => data.shown },
        edgeLabel: { show: true, color: pale, fontSize: SMALL, formatter: ({ data }) => data.shown },
        data: [...corners, ...spec.nodes.map((node) => ({
          ...places.get(node.key), id: node.key, name: node.key, label_text: node.label, text: node.text, state_label: node.state_label, url: node.url,
          shown: wrapped(node.state_label ? `${node.shape} ${node.label}` : node.label, isNarrow ? 7 : 12),
          category: Math.max(spec.kinds.indexOf(node.kind), 0), symbol: symbol(node), symbolSize: isNarrow ? 20 : 26,
          itemStyle: { color: STATES[node.state], borderColor: ink, borderWidth: node.state === "bad" ? 2 : 0 },
        }))],
        links: spec.edges.map((way) => ({
          source: way.source, target: way.target, text: way.label, state_label: way.state_label,
          shown: isNarrow ? "" : way.label,
          lineStyle: { color: STATES[way.state], width: 2, curveness: byKey.get(way.source).tier === byKey.get(way.target).tier ? 0.35 : 0.08, type: way.state === "bad" ? "dashed" : "solid", opacity: 1 },
        })),
      }],
      ...tierHeads(spec, width, isNarrow),
    };
  };
  const tierHeads = (spec, width, isNarrow) => {
    const last = Math.max(spec.tiers.length - 1, 1);
    const height = roomFor(spec, width);
    return {
      graphic: spec.tiers.map((text, at) => ({
        type: "text", silent: true,
        ...(isNarrow ? { left: 0, top: 24 + (at * (height - 104)) / last } : { top: 32, x: spec.tiers.length === 1 ? width / 2 : SIDE + (at * (width - 2 * SIDE)) / last }),
        style: { text, fill: pale, font: `600 ${MEDIUM}px ${FONT}`, textAlign: isNarrow ? "left" : "center" },
      })),
    };
  };

  const OPTIONS = { bar: axesOption, line: axesOption, flow: flowOption, graph: graphOption };

  // Rows of bars and columns of nodes need room; the rest stands in the height the style sheet gives.
  const roomFor = (spec, width) => {
    if (liesFlat(spec, width)) return Math.max(120, 56 + spec.categories.length * (spec.is_stacked ? 26 : 14 + 16 * spec.series.length)) * GROWTH;
    if (spec.kind === "flow") return Math.max(280, Math.min(720, 40 + spec.nodes.length * 26));
    if (spec.kind === "graph") {
      const tiers = new Map();
      spec.nodes.forEach((node) => tiers.set(node.tier, (tiers.get(node.tier) ?? 0) + 1));
      return width < NARROW ? 120 + tiers.size * 130 : Math.max(300, 110 + Math.max(...tiers.values()) * 70);
    }
    return 0;
  };

  const fit = (chart, spec, area, width) => {
    const room = roomFor(spec, width);
    if (room) area.style.height = `${room}px`;
    chart.resize({ width, height: room || area.clientHeight });
    chart.setOption(OPTIONS[spec.kind](spec, width), { notMerge: true });
  };

  draw.chart = (figure, area, spec) => {
    const chart = window.echarts.init(area, null, { renderer: "canvas", devicePixelRatio: Math.max(2, window.devicePixelRatio) });
    let seen = area.clientWidth;
    charts.set(area, [chart, spec]);
    fit(chart, spec, area, area.clientWidth);
    chart.on("click", (item) => {
      const at = spec.categories?.indexOf(item.componentType === "xAxis" || item.componentType === "yAxis" ? item.value : item.name);
      const url = spec.urls?.[at] || item.data?.url;
      if (url) window.location.assign(url);
    });
    new ResizeObserver(() => {
      const width = area.clientWidth;
      if (isPrinting || !width || width === seen) return;
      seen = width;
      fit(chart, spec, area, width);
    }).observe(figure);
  };

  let isPrinting = false;
  window.addEventListener("beforeprint", () => {
    isPrinting = true;
    charts.forEach(([chart, spec], area) => { if (area.clientWidth) fit(chart, spec, area, paperWidth(area)); });
  });
  window.addEventListener("afterprint", () => {
    isPrinting = false;
    charts.forEach(([chart, spec], area) => { if (area.clientWidth) fit(chart, spec, area, area.clientWidth); });
  });
})();
