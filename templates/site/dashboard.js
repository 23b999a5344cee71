"use strict";
// The dashboard: nine items of the study (5.2.2), linked by group, dimension, quarter and index of the map.
// Data: window.reporterDashboard (reporter/delivery/site/record.py). The state stands in the address (#g=...&d=...&q=...&m=...).
(() => {
  const data = window.reporterDashboard, charts = window.reporterCharts;
  if (!data || !charts) return;
  const last = data.periods.length - 1;
  const names = data.names;
  const MEASURES = { labour_index: "ดัชนีเศรษฐกิจแรงงาน", employer: "ความเชื่อมั่นของผู้ประกอบการ", worker: "ความเชื่อมั่นของแรงงาน" };
  const HUES = { labour_index: "labour", employer: "employer", worker: "worker" };
  const STEPS = { labour_index: [75, 85, 92, 98, 102, 108, 115, 125], employer: [70, 80, 90, 97, 103, 110, 120, 130] };
  STEPS.worker = STEPS.employer;
  const DEFAULTS = { g: "TH", d: "overall", q: data.periods[last], m: "labour_index" };
  const NEUTRAL = { labour_index: "100 ค่าเฉลี่ยระยะยาว", employer: "100 ความเชื่อมั่นปานกลาง", worker: "100 ความเชื่อมั่นปานกลาง" };
  const state = { ...DEFAULTS };

  const missing = (value) => value === null || value === undefined;
  const number = (value, digits = 1) => missing(value) ? "–" : value.toFixed(digits).replace(/^-(0(?:\.0+)?)$/, "$1").replace("-", "−");
  const signed = (value, digits = 1) => {
    if (missing(value)) return "–";
    const size = Math.abs(value).toFixed(digits);
    if (Number(size) === 0) return `■ ${size}`;
    return `${value > 0 ? "▲" : "▼"} ${size}`;
  };
  const quality = (value, digits = 1) => missing(value) || Number(Math.abs(value).toFixed(digits)) === 0 ? "same" : value > 0 ? "better" : "worse";
  const at = () => data.periods.indexOf(state.q);

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  // ---- what the tables hold for the state
  const indexOf = (group, dimension) => ((data.index[group] || {})[dimension]) || [];
  const confidenceOf = (survey, group, domain = "overall") => (((data.confidence[survey] || { value: {} }).value[group]) || {})[domain] || [];
  const seriesOf = (measure, group) => measure === "labour_index" ? indexOf(group, state.d) : confidenceOf(measure, group);
  const change = (values, position, back) => missing(values[position]) || missing(values[position - back]) ? null : values[position] - values[position - back];
  const rate = (values, position, back) => {
    const difference = change(values, position, back);
    return missing(difference) || !values[position - back] ? null : difference / values[position - back] * 100;
  };
  const groupName = (code) => names.groups[code] || code;
  const dimensionName = (code) => code === "overall" ? "ดัชนีรวม" : names.dimensions[code] || code;

  // ---- charts (charts.js), with what a click on them chooses
  const linesOf = (values, { fan = [], hue, label, neutralName }) => {
    const ahead = fan.map((row) => row.label);
    const rows = data.labels.map((text, index) => ({ code: data.periods[index], label: text, value: values[index] ?? null, text: number(values[index]), tip: `${text}: ${number(values[index])} จุด` }));
    const start = values[last];
    const joined = fan.length && !missing(start)
      ? [{ label: data.labels[last], mean: start, low80: start, high80: start, low95: start, high95: start, text: "" }, ...fan.map((row) => ({ ...row, text: charts.narrow.matches ? number(row.mean) : `พยากรณ์ ${number(row.mean)}` }))]
      : [];
    return charts.lines(rows, joined, { labels: joined.length ? data.labels.concat(ahead) : data.labels, chosen: state.q, hue, label, neutralName, onPick: (code) => choose({ q: code }) });
  };
  const barsOf = (rows, { digits = 1, hue = "labour", signed = false, neutral = 0, chosen = "", label, pick, ...more }) => charts.bars(
    rows.map((row) => ({ code: row.code, name: row.name, value: missing(row.value) ? null : row.value, text: row.text || number(row.value, digits) })),
    { ...more, neutral, hue, signed, chosen, label, onPick: pick && ((code) => choose({ [pick]: state[pick] === code ? DEFAULTS[pick] : code })) },
  );
  const dialOf = (value, hue, low, high, label) => charts.dial(missing(value) ? null : value, number(value), { hue, low, high, label });

  // ---- tables behind the charts, and their download
  function table(caption, heads, rows) {
    const body = rows.map((row) => element("tr", {}, ...row.map((cell, column) => column === 0
      ? element("th", { scope: "row" }, String(cell))
      : element("td", { class: `number ${typeof cell === "object" && cell !== null ? cell.quality : ""}` }, typeof cell === "object" && cell !== null ? cell.text : String(cell)))));
    const head = element("thead", {}, element("tr", {}, ...heads.map((name, column) => element("th", { scope: "col", class: column ? "number" : "" }, name))));
    return element("table", {}, element("caption", {}, caption), head, element("tbody", {}, ...body));
  }
  const moved = (value, digits = 1) => ({ text: signed(value, digits), quality: quality(value, digits), raw: value });
  function csv(heads, rows) {
    const cell = (value) => {
      const plain = typeof value === "object" && value !== null ? (missing(value.raw) ? "" : value.raw) : value;
      const text = plain === "–" ? "" : String(plain).replace("−", "-");
      return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
    };
    return "\ufeff" + [heads, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
  }
  function behind(item, caption, heads, rows, isOpen = false) {
    const region = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table(caption, heads, rows));
    const details = element("details", isOpen ? { open: "" } : {}, element("summary", {}, `ตารางข้อมูล: ${caption}`), region);
    const button = element("button", { type: "button", class: "no-print" }, "ดาวน์โหลดตารางนี้ (CSV)");
    button.addEventListener("click", () => save(csv(heads, rows), "text/csv", `${item}.csv`));
    details.append(button);
    return details;
  }
  function save(text, type, name) {
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: `${state.g.replace(/\W/g, "-")}-${state.q}-${name}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  function pictured(item, chart) {
    const button = element("button", { type: "button", class: "no-print small" }, "ดาวน์โหลดภาพ (SVG)");
    button.setAttribute("aria-label", `ดาวน์โหลดภาพ (SVG): ${chart.getAttribute("aria-label")}`);
    button.addEventListener("click", async () => save(await chart.picture(), "image/svg+xml", `${item}.svg`));
    return element("div", {}, chart, button);
  }
  const nothing = (text) => [element("p", { class: "notice" }, text)];

  // ---- the nine items
  const title = (measure) => `${MEASURES[measure]} ${measure === "labour_index" && state.d !== "overall" ? `มิติ${dimensionName(state.d)} ` : ""}${groupName(state.g)}`;
  function history() {
    const values = indexOf(state.g, state.d);
    if (!values.length) return nothing(`ไม่มีดัชนีเศรษฐกิจแรงงานของ${groupName(state.g)}ในฉบับนี้`);
    const position = at();
    const fan = state.g === "TH" && state.d === "overall" ? data.forecast : [];
    const value = values[position];
    const text = `${title("labour_index")} ${data.labels[position]} เท่ากับ ${number(value)} จุด`;
    const rows = data.labels.map((label, index) => [label, number(values[index]), "–", "–"]).concat(fan.map((row) => [`${row.label} (พยากรณ์)`, number(row.mean), `${number(row.low80)} ถึง ${number(row.high80)}`, `${number(row.low95)} ถึง ${number(row.high95)}`]));
    return [
      element("p", {}, `${text} `, element("span", { class: quality(change(values, position, 1)) }, `${signed(change(values, position, 1))} จากไตรมาสก่อน`), " ", element("span", { class: quality(change(values, position, 4)) }, `${signed(change(values, position, 4))} จากปีก่อน`)),
      element("div", { class: "two" }, dialOf(value, "labour", 60, 140, text), pictured("history", linesOf(values, { fan, hue: "labour", neutralName: NEUTRAL.labour_index, label: `เส้นของ${title("labour_index")} 13 ไตรมาส${fan.length ? " และพยากรณ์ 4 ไตรมาส" : ""}` }))),
      behind("index", title("labour_index"), ["ไตรมาส", "จุด", "ช่วงร้อยละ 80", "ช่วงร้อยละ 95"], rows),
    ];
  }
  function dimensions() {
    const known = Object.keys(names.dimensions).filter((code) => indexOf(state.g, code).length);
    if (!known.length) return nothing(`ไม่มีดัชนีย่อยของ${groupName(state.g)}ในฉบับนี้`);
    const position = at();
    const list = known.map((code) => ({ code, name: dimensionName(code), value: indexOf(state.g, code)[position] }));
    const caption = `ดัชนีย่อยรายมิติ ${groupName(state.g)} (จุด)`;
    return [
      pictured("dimensions", barsOf(list, { neutral: 100, signed: true, chosen: state.d, pick: "d", label: `${caption} ${data.labels[position]}` })),
      behind("dimensions", caption, ["มิติ", ...data.labels], known.map((code) => [dimensionName(code), ...indexOf(state.g, code).map((value) => number(value))])),
    ];
  }
  // The map is one stop of the Tab key; the arrows walk from tile to the nearest tile in their direction.
  function walkable(map) {
    const tiles = [...map.children];
    (tiles.find((tile) => tile.dataset.code === state.g) || tiles[0]).tabIndex = 0;
    const STEPS_ = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    map.addEventListener("keydown", (event) => {
      const from = event.target.dataset, way = STEPS_[event.key];
      if (!way || from.row === undefined) return;
      event.preventDefault();
      const cost = (tile) => {
        const down = tile.dataset.row - from.row, right = tile.dataset.column - from.column;
        const along = down * way[0] + right * way[1], aside = Math.abs(down * way[1]) + Math.abs(right * way[0]);
        return along > 0 ? along + 3 * aside : Infinity;
      };
      const next = tiles.reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
      if (cost(next) === Infinity) return;
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  }
  const stepOf = (measure, value) => missing(value) ? 0 : 1 + STEPS[measure].filter((edge) => value >= edge).length;
  function groups() {
    const position = at(), measure = state.m;
    const parts = [];
    const tiles = Object.entries(names.tiles);
    const rows = tiles.map(([, tile]) => tile.tile[0]), columns = tiles.map(([, tile]) => tile.tile[1]);
    const firstRow = Math.min(...rows), firstColumn = Math.min(...columns);
    const map = element("div", { class: "tiles", role: "group", "aria-label": `แผนที่จังหวัด: ${MEASURES[measure]} ${data.labels[position]}` });
    map.style.setProperty("--columns", Math.max(...columns) - firstColumn + 1);
    for (const [code, tile] of tiles) {
      const value = seriesOf(measure, code)[position];
      const text = `${groupName(code)} ${missing(value) ? "ไม่มีค่าที่เผยแพร่" : `${number(value)} จุด`}`;
      const button = element("button", { type: "button", class: `tile s${stepOf(measure, value)}`, "aria-pressed": String(state.g === code), "aria-label": text, title: text, "data-code": code, "data-row": tile.tile[0], "data-column": tile.tile[1], tabindex: "-1" }, tile.letters);
      button.style.gridRow = tile.tile[0] - firstRow + 1;
      button.style.gridColumn = tile.tile[1] - firstColumn + 1;
      button.addEventListener("click", () => choose({ g: state.g === code ? "TH" : code }));
      map.append(button);
    }
    walkable(map);
    const edges = STEPS[measure];
    const legend = element("ul", { class: "legend", "aria-label": "คำอธิบายสี" }, ...[0, ...edges.map((_, index) => index + 1), edges.length + 1].map((step) => {
      const text = step === 0 ? "ไม่มีค่า" : step === 1 ? `ต่ำกว่า ${edges[0]}` : step === edges.length + 1 ? `${edges[edges.length - 1]} ขึ้นไป` : `${edges[step - 2]} ถึง ${edges[step - 1]}`;
      return element("li", {}, element("span", { class: `swatch s${step}` }), text);
    }));
    const dimension = measure === "labour_index" ? ` ${dimensionName(state.d)}` : "";
    const mapped = element("div", {}, element("h3", {}, `แผนที่จังหวัด: ${MEASURES[measure]}${dimension} ${data.labels[position]}`), map, legend);
    const kinds = [["STATUS", "สถานะของแรงงาน"], ["REGION", "ภูมิภาค"], ["INDUSTRY", "อุตสาหกรรม"], ["SKILL", "ทักษะ"], ["WORK", "ลักษณะงาน"]];
    let any = tiles.some(([code]) => seriesOf(measure, code).length);
    const lists = kinds.map(([kind, name]) => [kind, name, Object.keys(names.groups).filter((code) => code.startsWith(`${kind}:`) && seriesOf(measure, code).length).map((code) => ({ code, name: groupName(code), value: seriesOf(measure, code)[position] }))]).filter(([, , list]) => list.length);
    // Bars of all kinds of groups share one scale, so that their lengths compare.
    const known = lists.flatMap(([, , list]) => list.map((row) => row.value)).filter((value) => !missing(value)).concat(100);
    const low = Math.min(...known), high = Math.max(...known);
    const besideMap = element("div"), below = element("div");
    for (const [kind, name, list] of lists) {
      any = true;
      const beside = charts.wide.matches && kind !== "INDUSTRY";
      (beside ? besideMap : below).append(element("h3", {}, `จำแนกตาม${name}`), barsOf(list, { neutral: 100, low, high, beside, signed: true, chosen: state.g, pick: "g", label: `${MEASURES[measure]}${dimension} จำแนกตาม${name} ${data.labels[position]}` }));
    }
    parts.push(element("div", { class: "two even" }, mapped, besideMap), below);
    if (!any) parts.push(...nothing(`ฉบับนี้ไม่มี${MEASURES[measure]}รายกลุ่ม`));
    const every = Object.keys(names.groups).filter((code) => seriesOf(measure, code).length);
    parts.push(behind("groups", `${MEASURES[measure]}${dimension} ทุกกลุ่ม (จุด)`, ["กลุ่ม", ...data.labels], every.map((code) => [groupName(code), ...seriesOf(measure, code).map((value) => number(value))])));
    return parts;
  }
  const confidence = (survey) => () => {
    const whole = data.confidence[survey];
    if (!whole) return nothing("ฉบับนี้ไม่มีผลสำรวจ");
    const position = at(), values = confidenceOf(survey, state.g);
    if (!values.length) return nothing(`ไม่มีผลสำรวจของ${groupName(state.g)}ในฉบับนี้`);
    const value = values[position], hue = HUES[survey];
    const text = `${title(survey)} ${data.labels[position]} ${missing(value) ? "ไม่เผยแพร่ (ตัวอย่างน้อยเกินไป)" : `เท่ากับ ${number(value)} จุด`}`;
    const flag = whole.flag[state.g] === "small" ? " ตัวอย่างน้อยกว่า 30" : "";
    const domains = Object.keys(names.domains[survey]).filter((code) => confidenceOf(survey, state.g, code).length);
    const list = domains.map((code) => ({ code, name: names.domains[survey][code], value: confidenceOf(survey, state.g, code)[position] }));
    const pair = (key, index) => ((whole[key][state.g]) || [])[index];
    return [
      element("p", {}, `${text}${flag} `, element("span", { class: quality(change(values, position, 1)) }, `${signed(change(values, position, 1))} จากไตรมาสก่อน`), " ", element("span", { class: quality(change(values, position, 4)) }, `${signed(change(values, position, 4))} จากปีก่อน`)),
      element("div", { class: "two" }, dialOf(value, hue, 0, 200, text), pictured(survey, linesOf(values, { hue, neutralName: NEUTRAL[survey], label: `เส้นของ${title(survey)} 13 ไตรมาส` }))),
      behind(survey, title(survey), ["ไตรมาส", "จุด", "ขอบล่าง ร้อยละ 95", "ขอบบน ร้อยละ 95", "จำนวนตัวอย่าง"], data.labels.map((label, index) => [label, number(values[index]), number(pair("low", index)), number(pair("high", index)), number(pair("n", index), 0)])),
      ...(list.length ? [element("h3", {}, "รายด้าน"), barsOf(list, { neutral: 100, hue, label: `${title(survey)} รายด้าน ${data.labels[position]}` }),
        behind(`${survey}-domains`, `${title(survey)} รายด้าน`, ["ด้าน", ...data.labels], domains.map((code) => [names.domains[survey][code], ...confidenceOf(survey, state.g, code).map((one) => number(one))]))] : []),
    ];
  };
  function rates() {
    const position = at();
    const rows = [];
    const add = (name, values) => { if (values.length) rows.push([name, number(values[position]), moved(change(values, position, 1)), moved(rate(values, position, 1)), moved(change(values, position, 4)), moved(rate(values, position, 4))]); };
    add("ดัชนีเศรษฐกิจแรงงาน", indexOf(state.g, "overall"));
    for (const code of Object.keys(names.dimensions)) add(`ดัชนีย่อย${dimensionName(code)}`, indexOf(state.g, code));
    for (const survey of ["employer", "worker"]) {
      add(MEASURES[survey], confidenceOf(survey, state.g));
      for (const [code, name] of Object.entries(names.domains[survey])) add(name, confidenceOf(survey, state.g, code));
    }
    if (!rows.length) return nothing(`ไม่มีดัชนีของ${groupName(state.g)}ในฉบับนี้`);
    return [
      pictured("rates", barsOf(rows.map((row) => ({ code: "", name: row[0], value: row[2].raw, text: signed(row[2].raw) })), { signed: true, label: `การเปลี่ยนแปลงจากไตรมาสก่อนของดัชนีทุกตัว ${groupName(state.g)} (จุด)` })),
      behind("rates", `การเปลี่ยนแปลงของดัชนี ${groupName(state.g)} ${data.labels[position]}`, ["ดัชนี", "จุด", "จากไตรมาสก่อน (จุด)", "จากไตรมาสก่อน (ร้อยละ)", "จากปีก่อน (จุด)", "จากปีก่อน (ร้อยละ)"], rows, !charts.narrow.matches),
    ];
  }
  // Actions and skills are asked of the whole country; priorities have groups, so they follow the choice where there is one.
  const shares = (key, measure, caption, count) => () => {
    const grouped = key === "priorities" && state.g !== "TH" ? (data.priorities_of || {})[state.g] : null;
    const held = grouped || (data[key] || {})[measure];
    if (!held) return nothing("ฉบับนี้ไม่มีผลสำรวจ");
    const position = at(), who = grouped ? groupName(state.g) : "ทั่วประเทศ";
    const share = (value) => (missing(value) ? null : value * 100);
    const list = Object.keys(held).map((code) => ({ code, name: names.options[code] || code, value: share(held[code][position]) }));
    list.sort((one, other) => (other.value ?? -1) - (one.value ?? -1));
    const named = `${caption} ${who}`;
    const whole = key === "priorities" ? `ไม่มีผลของ${groupName(state.g)} จึงแสดงทั่วประเทศ` : "คำถามนี้มีผลระดับประเทศเท่านั้น จึงไม่เปลี่ยนตามกลุ่มที่เลือก";
    return [
      element("p", { class: "quiet" }, grouped || state.g === "TH" ? who : whole),
      pictured(key, barsOf(list.slice(0, count), { hue: key === "traits" ? "employer" : "worker", label: `${named} ${data.labels[position]}` })),
      behind(key, named, ["รายการ", ...data.labels], list.map((row) => [row.name, ...held[row.code].map((value) => number(share(value)))])),
    ];
  };
  const VIEWS = {
    history, dimensions, groups, employer: confidence("employer"), worker: confidence("worker"), rates,
    actions: shares("actions", "share", "สัดส่วนแรงงานที่พบการดำเนินงาน (ร้อยละ)", 7),
    traits: shares("traits", "share", "สัดส่วนผู้ประกอบการที่เลือก (ร้อยละ)", 15),
    priorities: shares("priorities", "top3_share", "สัดส่วนแรงงานที่จัดอยู่ในสามลำดับแรก (ร้อยละ)", 7),
  };

  // ---- choosing
  const controls = {};
  function select(key, name, options) {
    const field = element("select", { id: `choose-${key}` }, ...options.map(([label, items]) => label
      ? element("optgroup", { label }, ...items.map(([value, text]) => element("option", { value }, text)))
      : element("option", { value: items[0][0] }, items[0][1])));
    field.addEventListener("change", () => choose({ [key]: field.value }));
    controls[key] = field;
    return element("label", { for: `choose-${key}` }, name, field);
  }
  const held = (code) => code in data.index || Object.values(data.confidence).some((one) => code in one.value);
  const groupsOf = (kind) => Object.entries(names.groups).filter(([code]) => code.startsWith(`${kind}:`) && held(code));
  function build() {
    const bar = document.getElementById("controls");
    const kinds = [["สถานะของแรงงาน", "STATUS"], ["ภูมิภาค", "REGION"], ["อุตสาหกรรม", "INDUSTRY"], ["จังหวัด", "PROVINCE"], ["ทักษะ", "SKILL"], ["ลักษณะงาน", "WORK"]];
    const one = (value, text) => ["", [[value, text]]];
    bar.append(
      select("g", "กลุ่ม", [one("TH", "ทั่วประเทศ"), ...kinds.map(([name, kind]) => [name, groupsOf(kind)]).filter(([, items]) => items.length)]),
      select("d", "มิติ", [one("overall", "ดัชนีรวม"), ...Object.entries(names.dimensions).map(([code, name]) => one(code, name))]),
      select("q", "ไตรมาส", data.periods.map((period, index) => one(period, data.labels[index])).reverse()),
      select("m", "ดัชนีในแผนที่", Object.entries(MEASURES).map(([code, name]) => one(code, name))),
    );
    const reset = element("button", { type: "button" }, "เริ่มใหม่");
    reset.addEventListener("click", () => choose(DEFAULTS));
    const print = element("button", { type: "button" }, "พิมพ์");
    print.addEventListener("click", () => window.print());
    bar.append(reset, print);
  }
  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(state)) {
      const value = given.get(key);
      if (value !== null && [...controls[key].options].some((option) => option.value === value)) state[key] = value;
    }
  }
  function draw() {
    const focused = document.activeElement.dataset.code, stood = focused && document.activeElement.getBoundingClientRect().top;
    for (const [key, field] of Object.entries(controls)) field.value = state[key];
    for (const [item, view] of Object.entries(VIEWS)) {
      const place = document.querySelector(`#${item} .view`);
      const open = [...place.querySelectorAll("details")].map((details) => details.open);
      place.replaceChildren(...view());
      place.querySelectorAll("details").forEach((details, index) => { if (open[index] !== undefined) details.open = open[index]; });
    }
    document.getElementById("chosen").textContent = `แสดง${groupName(state.g)} ${dimensionName(state.d)} ไตรมาส ${data.labels[at()]}`;
    const again = focused && document.querySelector(`[data-code="${CSS.escape(focused)}"]`);
    if (again) {
      again.focus({ preventScroll: true });
      // What stands above may have become longer or shorter: the tile stays under the reader's eye. Vega gives a picture its
      // last size after this turn, still before the next painting.
      requestAnimationFrame(() => window.scrollBy({ top: again.getBoundingClientRect().top - stood, behavior: "instant" }));
    }
  }
  function choose(changed) {
    Object.assign(state, changed);
    history_(`#${new URLSearchParams(state)}`);
    draw();
  }
  const history_ = (address) => window.history.replaceState(null, "", address);

  function start() {
    build();
    read();
    document.documentElement.classList.add("js");
    draw();
    for (const layout of [charts.narrow, charts.wide]) layout.addEventListener("change", draw);
    window.addEventListener("hashchange", () => { if (location.hash.includes("=")) { read(); draw(); } });
  }
  // Words are measured when they are placed, so the face has to be there first; without it the charts are drawn all the same.
  document.fonts.load("400 14px Sarabun", "ก").then(start, start);
})();
