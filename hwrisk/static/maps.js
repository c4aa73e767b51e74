// Draws the maps of hwrisk.web.maps with Leaflet: outlines from our own server, no tiles, keyboard as well as mouse.
"use strict";
(() => {
  const { draw, isStill, paperWidth } = window.hwriskPictures;
  const SVG = "http://www.w3.org/2000/svg";
  const SHAPES = {
    circle: [["circle", { cx: 9, cy: 9, r: 7 }]],
    square: [["rect", { x: 3, y: 3, width: 12, height: 12 }]],
    triangle: [["path", { d: "M9 1 17 16H1z" }]],
    diamond: [["path", { d: "M9 1 17 9 9 17 1 9z" }]],
    cross: [["path", { d: "M6 1h6v5h5v6h-5v5H6v-5H1V6h5z" }]],
    house: [["path", { d: "M9 1 17 8v9H1V8z" }]],
  };
  const ORDER = Object.keys(SHAPES);
  const maps = [];

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  const svg = (parts, className, box = "0 0 18 18") => {
    const made = document.createElementNS(SVG, "svg");
    made.setAttribute("viewBox", box);
    made.setAttribute("class", className);
    made.setAttribute("aria-hidden", "true");
    parts.forEach(([name, attributes]) => {
      const part = document.createElementNS(SVG, name);
      Object.entries(attributes).forEach(([key, value]) => part.setAttribute(key, value));
      made.append(part);
    });
    return made;
  };

  // What stands in a popup is text alone; a name leads to its page.
  const popup = (title, lines, url) => {
    const box = element("div", "hw-popup");
    const head = element("p");
    head.append(url ? Object.assign(element("a", "", title), { href: url }) : element("b", "", title));
    box.append(head, ...lines.filter(Boolean).map((text) => element("p", "", text)));
    return box;
  };
  const stateLine = (item) => (item.state_label ? `${item.shape} ${item.state_label}` : "");
  const reachable = (target, label, open) => {
    target.setAttribute("tabindex", "0");
    target.setAttribute("role", "button");
    target.setAttribute("aria-label", label);
    target.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(); }
    });
  };

  const addAreas = (map, spec, outlines) => {
    const byCode = new Map(spec.areas.map((area) => [area.code, area]));
    const tones = new Map(spec.classes.map((item) => [item.key, item.tone]));
    const layer = window.L.geoJSON(outlines, {
      style: (feature) => {
        const area = byCode.get(feature.properties.adcode);
        return { className: `hw-area ${(area && tones.get(area.key)) || "none"}`, weight: 1.25 };
      },
      onEachFeature: (feature, shape) => {
        const area = byCode.get(feature.properties.adcode);
        const name = area?.name ?? feature.properties.name;
        const label = element("span", "", "");
        label.append(element("b", "", name), ...(area?.text ? [element("br"), area.text] : []));
        shape.bindTooltip(label, { permanent: true, direction: "center", className: "hw-map-label", interactive: false });
        if (!area) return;
        const kind = spec.classes.find((item) => item.key === area.key)?.label;
        shape.bindPopup(popup(name, [area.text && `${spec.value_label}：${area.text}`, kind, area.note], area.url));
        shape.on("add", () => reachable(shape.getElement(), `${name} ${area.text}`, () => shape.openPopup()));
      },
    }).addTo(map);
    return layer;
  };

  const markerOf = (spec, point) => {
    const shape = SHAPES[ORDER[spec.kinds.indexOf(point.kind) % ORDER.length]];
    const icon = window.L.divIcon({ html: svg(shape, `hw-marker ${point.state}`), className: "hw-marker-box", iconSize: [24, 24], popupAnchor: [0, -8] });
    const marker = window.L.marker([point.latitude, point.longitude], { icon, title: point.name, keyboard: true });
    marker.bindPopup(popup(point.name, [point.kind, point.text, stateLine(point)], point.url));
    marker.on("add", () => marker.getElement().setAttribute("aria-label", [point.kind, point.name, point.text, point.state_label].filter(Boolean).join("，")));
    return marker;
  };

  const addLine = (map, line) => {
    const path = line.path.map(([longitude, latitude]) => [latitude, longitude]);
    const shape = window.L.polyline(path, { className: `hw-line ${line.state}`, weight: 3 });
    shape.bindPopup(popup(line.name, [line.text, stateLine(line)], line.url));
    shape.on("add", () => reachable(shape.getElement(), [line.name, line.text, line.state_label].filter(Boolean).join("，"), () => shape.openPopup()));
    shape.addTo(map);
    // The arrow lies on the middle of the last stretch and turns with it.
    const [from, to] = path.slice(-2);
    const middle = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    const turn = () => {
      const a = map.latLngToLayerPoint(from), b = map.latLngToLayerPoint(to);
      return (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
    };
    const arrow = svg([["path", { d: "M3 2 16 9 3 16z" }]], `hw-arrow ${line.state}`);
    window.L.marker(middle, { icon: window.L.divIcon({ html: arrow, className: "hw-marker-box", iconSize: [18, 18] }), interactive: false, keyboard: false }).addTo(map);
    const aim = () => arrow.querySelector("path").setAttribute("transform", `rotate(${turn()} 9 9)`);
    map.on("zoomend", aim);
    return { shape, aim };
  };

  const listKinds = (figure, spec) => {
    const list = figure.querySelector(".hw-map-kinds");
    list.hidden = !spec.kinds.length;
    spec.kinds.forEach((kind, at) => {
      const row = element("li");
      row.append(svg(SHAPES[ORDER[at % ORDER.length]], "hw-marker note"), kind);
      list.append(row);
    });
  };
  const listBeside = (figure, spec, outlines) => {
    const drawn = new Set(outlines.features.map((feature) => feature.properties.adcode));
    const missing = spec.areas.filter((area) => !drawn.has(area.code));
    const box = figure.querySelector(".hw-map-beside");
    box.hidden = !missing.length;
    missing.forEach((area) => {
      const row = element("li");
      row.append(area.url ? Object.assign(element("a", "", area.name), { href: area.url }) : area.name, area.text ? ` ${area.text}` : "");
      box.querySelector("ul").append(row);
    });
  };

  // Hatching says the same as the colour.
  const addPatterns = (map) => {
    const root = map.getPane("overlayPane").querySelector("svg");
    if (!root) return;
    const defs = document.createElementNS(SVG, "defs");
    [["bad", "M0 8 8 0"], ["warn", "M4 3v2"]].forEach(([tone, d]) => {
      const pattern = document.createElementNS(SVG, "pattern");
      Object.entries({ id: `hw-hatch-${tone}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" }).forEach(([k, v]) => pattern.setAttribute(k, v));
      const ground = document.createElementNS(SVG, "rect");
      Object.entries({ width: 8, height: 8, class: `hw-hatch-ground ${tone}` }).forEach(([k, v]) => ground.setAttribute(k, v));
      const stroke = document.createElementNS(SVG, "path");
      Object.entries({ d, class: `hw-hatch-line ${tone}` }).forEach(([k, v]) => stroke.setAttribute(k, v));
      pattern.append(ground, stroke);
      defs.append(pattern);
    });
    root.prepend(defs);
  };

  // Islets far out at sea would make everything else small: the map shows the largest part of each region at first.
  const mainland = (outlines) => {
    const bounds = window.L.latLngBounds([]);
    outlines.features.forEach(({ geometry }) => {
      const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      const largest = polygons.reduce((most, one) => (one[0].length > most[0].length ? one : most));
      largest[0].forEach(([longitude, latitude]) => bounds.extend([latitude, longitude]));
    });
    return bounds.isValid() ? bounds : window.L.latLngBounds([[18, 73], [54, 136]]);
  };

  draw.map = async (figure, area, spec) => {
    const answer = await fetch(figure.dataset.outlines, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`outlines ${answer.status}`);
    const outlines = await answer.json();
    const map = window.L.map(area.querySelector(".hw-map-canvas"), {
      attributionControl: false, zoomControl: false, scrollWheelZoom: false, zoomSnap: 0.25, minZoom: 6, maxZoom: 18,
      // On a phone one finger scrolls the page; two move the map.
      dragging: !window.L.Browser.mobile,
      zoomAnimation: !isStill, fadeAnimation: !isStill, markerZoomAnimation: !isStill, inertia: !isStill,
    });
    window.L.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
    const city = mainland(outlines);
    const places = [...spec.points.map((p) => [p.latitude, p.longitude]), ...spec.lines.flatMap((l) => l.path.map(([x, y]) => [y, x]))];
    const bounds = spec.fit === "points" && places.length ? window.L.latLngBounds(places).pad(0.2) : city;
    const whole = () => map.invalidateSize({ animate: false }).fitBounds(bounds, { animate: false, padding: [8, 8], maxZoom: 15 });
    whole();
    addAreas(map, spec, outlines);
    addPatterns(map);
    const lines = spec.lines.map((line) => addLine(map, line));
    spec.points.forEach((point) => markerOf(spec, point).addTo(map));
    lines.forEach(({ aim }) => aim());
    listKinds(figure, spec);
    listBeside(figure, spec, outlines);
    const home = window.L.control({ position: "topleft" });
    home.onAdd = () => {
      const box = element("div", "leaflet-bar");
      const button = element("button", "hw-map-home", "全图");
      button.type = "button";
      button.addEventListener("click", whole);
      box.append(button);
      // A click on the button is none on the map, which would close what is open.
      window.L.DomEvent.disableClickPropagation(box);
      return box;
    };
    home.addTo(map);
    maps.push({ map, whole, area });
    new ResizeObserver(() => { if (area.clientWidth) whole(); }).observe(area);
  };

  window.addEventListener("beforeprint", () => maps.forEach(({ area, whole }) => { area.style.width = `${paperWidth(area)}px`; whole(); }));
  window.addEventListener("afterprint", () => maps.forEach(({ area, whole }) => { area.style.width = ""; whole(); }));
})();
