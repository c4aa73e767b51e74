// Conveniences over pages that work without them: search key, questions, drafts, day picker, polling.
"use strict";
(() => {
  const token = () => document.querySelector('meta[name="csrf-token"]').content;
  const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  document.addEventListener("keydown", (event) => {
    const search = document.getElementById("hw-search");
    if (event.key === "/" && search && !isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key === "Escape") {
      clearSuggestions();
      document.querySelectorAll("details.hw-user[open]").forEach((menu) => menu.removeAttribute("open"));
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") moveInSuggestions(event);
  });

  const clearSuggestions = () => document.getElementById("suggestions")?.replaceChildren();

  const moveInSuggestions = (event) => {
    const links = [...document.querySelectorAll("#suggestions a")];
    const at = links.indexOf(document.activeElement);
    if (!links.length || (at < 0 && document.activeElement?.id !== "hw-search")) return;
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) document.getElementById("hw-search").focus();
    else links[Math.min(next, links.length - 1)].focus();
  };

  document.addEventListener("click", (event) => {
    if (!event.target.closest(".hw-search")) clearSuggestions();
    if (!event.target.closest(".hw-user")) {
      document.querySelectorAll("details.hw-user[open]").forEach((menu) => menu.removeAttribute("open"));
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  // htmx sends the token of the page with whatever it posts.
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token();
    // Conditions that are not set stay out of the address.
    if (event.detail.verb === "get") {
      [...event.detail.formData].filter(([, value]) => value === "").forEach(([name]) => event.detail.formData.delete(name));
    }
  });
  document.addEventListener("htmx:sendError", () => say("连接不上服务器，请检查网络后重试。"));
  document.addEventListener("htmx:timeout", () => say("服务器没有及时回应，请稍后重试。"));

  const say = (text) => {
    const note = document.createElement("div");
    note.className = "notice bad";
    note.setAttribute("role", "alert");
    note.textContent = text;
    document.getElementById("messages").replaceChildren(note);
  };

  const justSent = new WeakMap();
  // A grave act asks first; a form is sent once however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    const question = form.dataset.confirm;
    if (question && form.dataset.confirmed !== "yes") {
      event.preventDefault();
      ask(question).then((isYes) => {
        if (!isYes) return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(event.submitter ?? undefined);
      });
      return;
    }
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      // The page stays when the answer is a file: another button of the form may follow at once.
      if (justSent.get(form) === event.submitter && event.submitter) event.preventDefault();
      justSent.set(form, event.submitter);
      window.setTimeout(() => { justSent.delete(form); delete form.dataset.confirmed; }, 1500);
    }
  });

  const ask = (question) => new Promise((resolve) => {
    const dialog = document.getElementById("confirm");
    document.getElementById("confirm-text").textContent = question;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

  // Drafts: what was typed is kept on the server two seconds after the last key.
  const waiting = new WeakMap();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    window.clearTimeout(waiting.get(form));
    waiting.set(form, window.setTimeout(() => keepDraft(form), 2000));
  });

  const keepDraft = async (form) => {
    const content = new FormData();
    for (const [name, value] of new FormData(form)) {
      const input = form.elements.namedItem(name);
      if (typeof value === "string" && name !== "csrf_token" && input?.type !== "password") content.append(name, value);
    }
    const state = form.querySelector(".draft-state");
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST", body: content, redirect: "manual",
        headers: { "X-CSRFToken": token(), Accept: "application/json" },
      });
      if (answer.status === 400 || answer.status === 401) { isSignedOut = true; sayState(state, "登录已失效：请在新窗口重新登录，再回到此页提交，内容不会丢失。"); }
      else if (answer.ok) sayState(state, (await answer.json()).message);
      else sayState(state, "草稿暂时未能保存，请不要关闭页面。");
    } catch {
      sayState(state, "网络不通，草稿未能保存，请不要关闭页面。");
    }
  };
  const sayState = (state, text) => { if (state) state.textContent = text; };

  // After a login in another window the forms of this page need the new token.
  let isSignedOut = false;
  window.addEventListener("focus", async () => {
    if (!isSignedOut) return;
    const answer = await fetch("/session", { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = (await answer.json()).csrf_token;
    document.querySelector('meta[name="csrf-token"]').content = fresh;
    document.querySelectorAll('input[name="csrf_token"]').forEach((input) => { input.value = fresh; });
    isSignedOut = false;
    document.querySelectorAll("form[data-draft]").forEach(keepDraft);
  });

  // Beside a day field, which takes any way of writing a day, a button opens the calendar of the browser.
  const addDayPickers = (root) => root.querySelectorAll("input[data-day]:not([data-picker])").forEach((field) => {
    if (!("showPicker" in HTMLInputElement.prototype)) return;
    field.dataset.picker = "yes";
    const button = document.createElement("button");
    const calendar = document.createElement("input");
    button.type = "button";
    button.className = "day-pick";
    button.setAttribute("aria-label", "打开日历");
    button.append("▦");
    calendar.type = "date";
    calendar.tabIndex = -1;
    calendar.setAttribute("aria-hidden", "true");
    calendar.className = "day-calendar";
    button.addEventListener("click", () => { calendar.value = field.value; calendar.showPicker(); });
    calendar.addEventListener("change", () => {
      field.value = calendar.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    field.after(button, calendar);
  });
  const prepare = (root) => addDayPickers(root);
  document.addEventListener("DOMContentLoaded", () => prepare(document));
  document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
})();
