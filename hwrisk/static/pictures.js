// Charts and maps: fetches what draws them when a page holds one, and shows the picture in place of its table.
// Without this script, or when a picture cannot be drawn, the table twin stands open.
"use strict";
(() => {
  const PAPER_WIDTH = 700;
  const waiting = new Map();
  const fetched = (url, make) => {
    if (!waiting.has(url)) {
      waiting.set(url, new Promise((resolve, reject) => {
        const element = make(url);
        element.addEventListener("load", resolve);
        element.addEventListener("error", () => reject(new Error(url)));
        document.head.append(element);
      }));
    }
    return waiting.get(url);
  };
  const script = (url) => Object.assign(document.createElement("script"), { src: url });
  const sheet = (url) => Object.assign(document.createElement("link"), { rel: "stylesheet", href: url });
  const words = (text) => (text ?? "").split(" ").filter(Boolean);

  const pictures = { draw: {}, colour: (name) => getComputedStyle(document.documentElement).getPropertyValue(`--hw-${name}`).trim() };
  pictures.isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  // On paper a picture takes the same part of the width as on the screen; A4 leaves 186 mm between its margins.
  pictures.paperWidth = (area) => {
    const whole = document.querySelector(".hw-page")?.clientWidth ?? window.innerWidth;
    return Math.floor((PAPER_WIDTH * area.clientWidth) / whole);
  };
  window.hwriskPictures = pictures;

  const show = async (figure) => {
    figure.dataset.drawn = "yes";
    const area = figure.querySelector(".hw-picture-area");
    const twin = figure.querySelector(".hw-twin");
    try {
      await Promise.all(words(figure.dataset.styles).map((url) => fetched(url, sheet)));
      for (const url of words(figure.dataset.scripts)) await fetched(url, script);
      area.hidden = false;
      await pictures.draw[figure.dataset.picture](figure, area, JSON.parse(figure.dataset.spec));
      twin.open = false;
      figure.dataset.drawn = "done";
    } catch (failure) {
      area.hidden = true;
      figure.dataset.drawn = "failed";
      throw failure;
    }
  };
  const showAll = (root) => root.querySelectorAll("[data-picture][data-spec]:not([data-drawn])").forEach(show);
  document.addEventListener("DOMContentLoaded", () => showAll(document));
  document.addEventListener("htmx:afterSwap", (event) => showAll(event.target));

  // A big screen draws itself anew; what stands there stays when the server does not answer, and says so.
  const refresh = document.querySelector("meta[name='hwrisk-refresh']");
  const say = (text) => { const state = document.getElementById("screen-state"); if (state) state.textContent = text; };
  const renew = async () => {
    if (document.hidden) return;
    const answer = await fetch(window.location.href, { method: "HEAD" }).catch(() => null);
    if (answer?.redirected) say("登录已失效，画面停止更新，请重新登录");
    else if (answer?.ok) window.location.reload();
    else say("服务器没有回应，画面暂停更新");
  };
  if (refresh) window.setInterval(renew, Number(refresh.content) * 1000);
})();
