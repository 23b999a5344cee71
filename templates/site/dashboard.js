"use strict";
// The dashboard: nine items of the study (5.2.2), linked by groups, dimension, quarter, range and index of the map, in Thai and English.
// Numbers come as scripts, one for each group (reporter/delivery/site/explore.py), so that it works from a disk. What is shown stands
// in the address (#g=TH,PROVINCE:TH-50&d=overall&q=2025-Q3&m=labour_index&r=12&x=&l=th), Back returns to what was shown before.
(() => {
  const charts = window.reporterCharts,
    place = document.getElementById("dashboard");
  if (!charts || !place) return;
  const number = charts.number,
    only = place.dataset.only === "yes";
  const WORDS = window.reporterDashboardWords;
  const MEASURES = ["labour_index", "employer", "worker"];
  const HUES = { labour_index: "var(--labour)", employer: "var(--employer)", worker: "var(--worker)" };
  const LINES = [
    ["var(--labour)", ""],
    ["var(--g2)", "7 3"],
    ["var(--g3)", "2 3"],
    ["var(--g4)", "10 3 2 3"],
    ["var(--g5)", "4 4"],
  ];
  const MOST = LINES.length; // groups side by side: more lines cannot be told apart
  const RULES = { few: 30, span: 2, watch: 25, alert: 10 }; // of issues whose scripts do not state theirs
  const YEARS = 12; // quarters of the short range
  const KINDS = [
    "STATUS",
    "REGION",
    "INDUSTRY",
    "PROVINCE",
    "SKILL",
    "WORK",
    "SEX",
    "AGE",
    "EDUCATION",
    "OCCUPATION",
    "POSITION",
    "TENURE",
    "INCOME",
    "FAMILIARITY",
  ];
  let main = null,
    DEFAULTS = null;
  const state = {},
    files = new Map(),
    waiting = new Map();
  const rules = () => (main && main.rules) || RULES;
  const t = (key) => {
    const words = WORDS[state.l || "th"][key];
    return typeof words === "string" ? words.replace(/\{(\w+)\}/g, (whole, name) => rules()[name] ?? whole) : words;
  };
  const inLanguage = (names) => (names ? names[state.l === "en" ? 1 : 0] : undefined);

  // ---- data
  window.reporterDashboardFile = (name, content) => {
    files.set(name, content);
    if (waiting.has(name)) waiting.get(name)();
  };
  const loading = new Map();
  function load(file, name) {
    if (files.has(name)) return Promise.resolve();
    if (!loading.has(name))
      loading.set(
        name,
        new Promise((done, failed) => {
          waiting.set(name, done);
          const script = document.createElement("script");
          script.src = file.includes("/") ? file : place.dataset.files + file;
          script.onload = done;
          script.onerror = () => {
            loading.delete(name); // the next choice asks again
            failed();
          };
          document.head.append(script);
        }),
      );
    return loading.get(name);
  }
  // What a finger or the mouse is on will perhaps be chosen: its numbers are asked for before that.
  const ahead = (code) => {
    if (code in main.files) load(main.files[code], code).catch(() => {});
  };
  const chosen = () => state.g.split(",");
  const lead = () => chosen()[0];
  const of = (group) => files.get(group) || {};
  // A series of a file ends with the newest quarter and may begin later than the quarters do.
  const full = (values) =>
    values
      ? Array(main.periods.length - values.length)
          .fill(null)
          .concat(values)
      : null;
  const indexOf = (group, dimension) => full((of(group).index || {})[dimension]);
  const bandOf = (group, dimension) => [full((of(group).low || {})[dimension]), full((of(group).high || {})[dimension])];
  const surveyOf = (survey, group) => (of(group).confidence || {})[survey] || { value: {}, low: {}, high: {}, n: {} };
  const at = () => main.periods.indexOf(state.q);
  const labelOf = (period) => {
    const [year, quarter] = period.split("-Q");
    return state.l === "en" ? `Q${quarter} ${year}` : `${quarter}/${Number(year) + 543}`;
  };
  const change = (values, position, back) =>
    !values || values[position] === null || values[position] === undefined || position < back || values[position - back] === null
      ? null
      : values[position] - values[position - back];
  const groupName = (code) => inLanguage(main.names.groups[code]) || code;
  const dimensionName = (code) => (code === "overall" ? t("overall") : inLanguage(main.names.dimensions[code]) || code);
  const signed = (value, digits = 1) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value).toFixed(digits);
    return Number(size) === 0 ? `■ ${size}` : `${value > 0 ? "▲" : "▼"} ${size}`;
  };
  const quality = (value, digits = 1) =>
    value === null || value === undefined || Number(Math.abs(value).toFixed(digits)) === 0 ? "same" : value > 0 ? "better" : "worse";
  // The quarters of the range: the chosen one is always among them.
  function range(longest) {
    const last = main.periods.length - 1,
      count = state.r === "all" ? (longest ?? last + 1) : Number(state.r) + 1;
    return Math.max(0, Math.min(last + 1 - count, at()));
  }

  // ---- pieces of the page
  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) node.setAttribute(name, value);
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const button = (words, action, more = {}) => {
    const made = element("button", { type: "button", ...more }, words);
    made.addEventListener("click", action);
    return made;
  };
  const widthOf = (item, share = 1) => Math.max(240, Math.floor((document.querySelector(`#${item} .view`).clientWidth || 640) * share));
  const nothing = (words) => [element("p", { class: "notice" }, words)];
  function table(caption, heads, rows) {
    const cell = (value, column) => {
      const isChange = typeof value === "object" && value !== null;
      return column === 0
        ? element("th", { scope: "row" }, String(value))
        : element("td", { class: `number ${isChange ? value.quality : ""}` }, isChange ? value.text : String(value));
    };
    const head = element("tr", {}, ...heads.map((name, column) => element("th", { scope: "col", class: column ? "number" : null }, name)));
    return element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, head),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell)))),
    );
  }
  const moved = (value, digits = 1) => ({ text: signed(value, digits), quality: quality(value, digits) });

  // ---- taking away: CSV, picture, link, citation, frame
  const issueAddress = () => new URL(place.dataset.issue, location.href);
  const stateText = (more = {}) => new URLSearchParams({ ...state, ...more }).toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  // The issue's own dashboard, not that of the newest: what was copied shows the same numbers in ten years.
  const permanent = (more) => {
    const address = issueAddress();
    address.search = "";
    address.hash = stateText(more);
    return address.href;
  };
  const cited = () =>
    `${place.dataset.owner}. (${Number(place.dataset.year) + (state.l === "en" ? 0 : 543)}). ` +
    `${main.title} (${t("version")} ${place.dataset.version}). ${permanent({})}`;
  function save(blob, name) {
    const link = element("a", {
      href: URL.createObjectURL(blob),
      download: `${main.issue}-${lead().replace(/\W/g, "-")}-${state.q}-${name}`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  // rows: [{ code: value }]: codes and full numbers, not what is shown.
  function csv(item, rows) {
    const heads = [...new Set(rows.flatMap(Object.keys))];
    const cell = (value) => {
      const words = value === null || value === undefined ? "" : String(value);
      return /[",\n]/.test(words) ? `"${words.replace(/"/g, '""')}"` : words;
    };
    const about = [
      ["# " + headingOf(item)],
      [`# ${main.title}, ${t("version")} ${place.dataset.version}`],
      [`# ${permanent({})}`],
      [`# ${t("licence")}: ${place.dataset.licence}`],
      [`# data_id: ${place.dataset.data}`],
    ];
    if (place.dataset.mark) about.push([`# ${place.dataset.mark}`]);
    return (
      "\ufeff" +
      [...about, heads, ...rows.map((row) => heads.map((head) => row[head]))].map((row) => row.map(cell).join(",")).join("\r\n") +
      "\r\n"
    );
  }
  const headingOf = (item) => `${t("headings")[item]} ${chosen().map(groupName).join(", ")} ${labelOf(state.q)}`;
  async function pictureOf(item, chart) {
    await load(place.dataset.faces, "faces");
    const foot = [
      `${t("source")}: ${place.dataset.owner} ${main.title} ${t("version")} ${place.dataset.version}`,
      permanent({}),
      ...(place.dataset.mark ? [place.dataset.mark] : []),
    ];
    return charts.picture(chart, chart.getAttribute("aria-label"), foot, files.get("faces"));
  }
  function taking(item, chart, rows) {
    const said = element("span", { role: "status", class: "quiet" });
    const copy = async (words) => {
      await copied(words);
      said.textContent = t("copied");
    };
    const tools = element(
      "details",
      { class: "tools no-print" },
      element("summary", { "aria-label": `${t("take")}: ${chart.getAttribute("aria-label")}` }, t("take")),
    );
    const list = element(
      "div",
      { class: "inline-list" },
      button("PNG", async () => save(await charts.png(await pictureOf(item, chart)), `${item}.png`)),
      button("SVG", async () => save(new Blob([(await pictureOf(item, chart)).svg], { type: "image/svg+xml" }), `${item}.svg`)),
      button("CSV", () => save(new Blob([csv(item, rows())], { type: "text/csv" }), `${item}.csv`)),
      button(t("link"), () => copy(`${permanent({})}`)),
      button(t("cite"), () => copy(cited())),
      only
        ? null
        : button(t("embed"), () =>
            copy(
              `<iframe src="${new URL(place.dataset.embed, location.href).href.split("#")[0]}#${stateText({ c: item })}" ` +
                `width="100%" height="520" title="${headingOf(item)}"></iframe>`,
            ),
          ),
      said,
    );
    tools.append(list);
    return element("div", { class: "pictured" }, chart, tools);
  }
  async function copied(words) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      const field = element("textarea", { readonly: "", class: "copy" });
      field.value = words;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  }
  const behind = (caption, heads, rows) =>
    element(
      "details",
      {},
      element("summary", {}, `${t("table")}: ${caption}`),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table(caption, heads, rows)),
    );

  // ---- the nine items. Each says what it depends on, so that a choice draws again only what it changes.
  const eventsFrom = (start) =>
    main.annotations
      .map((event) => ({
        from: main.periods.indexOf(event.from) - start,
        to: main.periods.indexOf(event.to) - start,
        name: state.l === "en" ? event.name.en : event.name.th,
        isKnown: main.periods.includes(event.from),
      }))
      .filter((event) => event.isKnown && event.to >= 0)
      .map((event) => ({ ...event, from: Math.max(event.from, 0) }));
  const moves = (values) =>
    [
      ["quarter", 1],
      ["year", 4],
    ].flatMap(([name, back]) => [
      " ",
      element("span", { class: quality(change(values, at(), back)) }, `${signed(change(values, at(), back))} ${t(name)}`),
    ]);
  function sentence(name, values, more = "") {
    const value = values ? values[at()] : null;
    return element(
      "p",
      {},
      `${name} ${labelOf(state.q)} ${value === null || value === undefined ? t("unpublished") : `${number(value)} ${t("points")}`}${more}`,
      ...moves(values),
    );
  }
  const longRows = (keys, groups, seriesOf) =>
    groups.flatMap((group) =>
      main.periods.flatMap((period, position) => {
        const row = seriesOf(group, position);
        return row && row.value !== null && row.value !== undefined ? [{ ...keys, group, period, ...row }] : [];
      }),
    );

  function history() {
    const groups = chosen().filter((group) => indexOf(group, state.d)),
      from = range();
    if (!groups.length) return nothing(t("noIndex").replace("{}", chosen().map(groupName).join(", ")));
    const cut = (values) => (values ? values.slice(from) : values);
    const isAlone = groups.length === 1,
      isNation = isAlone && groups[0] === "TH" && state.d === "overall";
    const series = groups.map((group, order) => {
      const [low, high] = isAlone ? bandOf(group, state.d).map(cut) : [];
      return {
        name: groupName(group),
        hue: LINES[order][0],
        dash: LINES[order][1],
        values: cut(indexOf(group, state.d)),
        low: low || undefined,
        high,
      };
    });
    if (state.x && isNation)
      series.push({ name: variantName(state.x), hue: "var(--g2)", dash: "7 3", values: cut(full((files.get("variants") || {})[state.x])) });
    const fan = isNation && !state.x ? main.forecast.map((row) => ({ ...row, label: labelOf(row.period) })) : [];
    const name = `${t("measures").labour_index}${state.d === "overall" ? "" : ` ${t("dimension")}${dimensionName(state.d)}`}`;
    const label = `${name} ${groups.map(groupName).join(", ")} ${labelOf(main.periods[from])}–${labelOf(main.periods.at(-1))}`;
    const isWide = widthOf("history") > 860,
      drawn = charts.lines({
        series,
        labels: main.periods.slice(from).map(labelOf),
        codes: main.periods.slice(from),
        fan,
        events: eventsFrom(from),
        marked: at() - from,
        width: widthOf("history") - (isWide && isAlone ? 270 : 0),
        neutralName: t("longRun"),
        label,
        forecastName: t("forecast"),
        unit: t("points"),
        onPick: (code) => choose({ q: code }),
      });
    const rows = () =>
      longRows({ index: "labour_index", dimension: state.d }, groups, (group, position) => {
        const [low, high] = bandOf(group, state.d);
        return { value: (indexOf(group, state.d) || [])[position], low95: low && low[position], high95: high && high[position] };
      }).concat(
        fan.map((row) => ({
          index: "labour_index",
          dimension: "overall",
          group: "TH",
          period: row.period,
          value: row.mean,
          low80: row.low80,
          high80: row.high80,
          low95: row.low95,
          high95: row.high95,
          forecast: 1,
        })),
      );
    const told = groups.map((group) => sentence(`${name} ${groupName(group)}`, indexOf(group, state.d), aboutIndex(group)));
    const periods = main.periods.slice(from);
    const body = periods.map((period, position) => [labelOf(period), ...series.map((one) => number(one.values[position]))]).reverse();
    const ahead = fan.map((row) => [
      `${row.label} (${t("forecast")})`,
      `${number(row.mean)} (80%: ${number(row.low80)}–${number(row.high80)}; 95%: ${number(row.low95)}–${number(row.high95)})`,
    ]);
    const figure = taking("history", drawn, rows);
    const dial = isAlone
      ? charts.dial(series[0].values[at() - from], {
          hue: "var(--labour)",
          low: 60,
          high: 140,
          label: `${label}: ${number(series[0].values[at() - from])}`,
        })
      : null;
    return [
      ...told,
      isAlone ? element("div", { class: isWide ? "two dialled" : "dialled" }, dial, figure) : figure,
      isNation ? variants() : null,
      behind(label, [t("period"), ...series.map((one) => one.name)], [...ahead.reverse(), ...body]),
    ];
  }
  // Which dimensions a group's index stands on, and the nation on the same ones.
  function aboutIndex(group) {
    if (group === "TH" && state.q === main.quarter && (main.nowcasts || []).includes(state.d)) {
      const [low, high] = bandOf(group, state.d);
      const ends = low && low[at()] !== null && low[at()] !== undefined ? `, 95%: ${number(low[at()])}–${number(high[at()])}` : "";
      return ` (${t("nowcast")}${ends})`;
    }
    const about = of(group).about || {};
    if (group === "TH" || state.d !== "overall" || about.dimensions === undefined || state.q !== main.quarter) return "";
    const { low, high } = about;
    return ` (95%: ${number(low)}–${number(high)}, ${about.dimensions} ${t("dimensions")}, ${t("sameDimensions")} ${number(about.nation)})`;
  }
  const sourceName = (code) => inLanguage((main.names.sources || {})[code]) || code;
  const variantName = (name) =>
    name === "equal_weights"
      ? t("equal")
      : name.startsWith("source_")
        ? `${t("withoutSource")} ${sourceName(name.replace("source_", ""))}`
        : `${t("without")} ${dimensionName(name.replace("without_", ""))}`;
  function variants() {
    const names = main.variants;
    if (!names.length) return null;
    const field = element(
      "select",
      { id: "choose-x" },
      element("option", { value: "" }, t("asPublished")),
      ...[
        [t("sources"), names.filter((name) => name.startsWith("source_"))],
        [t("dimensionsAndWeights"), names.filter((name) => !name.startsWith("source_"))],
      ]
        .filter(([, own]) => own.length)
        .map(([label, own]) => element("optgroup", { label }, ...own.map((name) => element("option", { value: name }, variantName(name))))),
    );
    field.value = state.x;
    field.addEventListener("change", () => choose({ x: field.value }));
    const parts = [element("label", { for: "choose-x", class: "variant no-print" }, t("variant"), field)];
    if (state.x) {
      const other = full((files.get("variants") || {})[state.x])[at()],
        value = indexOf("TH", "overall")[at()];
      parts.push(
        element(
          "p",
          {},
          `${variantName(state.x)}: ${labelOf(state.q)} ${number(other)} ${t("points")} (${t("published")} ${number(value)})`,
        ),
      );
    }
    return element("div", {}, ...parts);
  }

  function dimensions() {
    const groups = chosen().filter((group) => Object.keys(main.names.dimensions).some((code) => indexOf(group, code)));
    if (!groups.length) return nothing(t("noIndex").replace("{}", chosen().map(groupName).join(", ")));
    const last = at(),
      from = Math.max(0, last - YEARS),
      codes = main.periods.slice(from, last + 1),
      labels = codes.map(labelOf);
    const known = Object.keys(main.names.dimensions).filter((code) => groups.some((group) => indexOf(group, code)));
    const cut = (group, code) => (indexOf(group, code) || Array(main.periods.length).fill(null)).slice(from, last + 1);
    const values = known
      .flatMap((code) => groups.flatMap((group) => cut(group, code)))
      .filter((value) => value !== null)
      .concat(100);
    const [low, high] = [Math.min(...values) - 1, Math.max(...values) + 1],
      room = widthOf("dimensions");
    const across = room > 1000 ? 5 : room > 620 ? 3 : room > 330 ? 2 : 1,
      width = Math.floor((room - (across - 1) * 16) / across);
    const panels = known.map((code) => {
      const series = groups.map((group, order) => ({
        name: groupName(group),
        hue: LINES[order][0],
        dash: LINES[order][1],
        values: cut(group, code),
      }));
      const title = `${dimensionName(code)} ${groups.map(groupName).join(", ")}`,
        first = indexOf(groups[0], code);
      const head = button(dimensionName(code), () => choose({ d: state.d === code ? "overall" : code }), {
        class: "panel-name",
        "aria-pressed": String(state.d === code),
      });
      const moves_ = element(
        "span",
        { class: `small ${quality(change(first, last, 1))}` },
        `${signed(change(first, last, 1))} ${t("quarter")}`,
      );
      return element(
        "li",
        {},
        head,
        moves_,
        charts.small({
          series,
          labels,
          codes,
          low,
          high,
          marked: codes.length - 1,
          label: title,
          width,
          onPick: (code_) => choose({ q: code_ }),
        }),
      );
    });
    const caption = `${t("headings").dimensions} ${groupName(groups[0])} (${t("points")})`;
    const rows = () =>
      known.flatMap((code) =>
        longRows({ index: "labour_index", dimension: code }, groups, (group, position) => ({
          value: (indexOf(group, code) || [])[position],
        })),
      );
    const bar = charts.bars({
      rows: known.map((code) => {
        const value = (indexOf(groups[0], code) || [])[last];
        return { code, name: dimensionName(code), value, text: number(value), isChosen: state.d === code };
      }),
      neutral: 100,
      isSigned: true,
      label: `${caption} ${labelOf(state.q)}`,
      width: Math.min(room, 760),
      onPick: (code) => choose({ d: state.d === code ? "overall" : code }),
    });
    const list = element("ul", { class: "panels" }, ...panels);
    list.style.setProperty("--across", across);
    return [
      list,
      ...(groups[0] === "TH" ? signals(codes) : []),
      taking("dimensions", bar, rows),
      behind(
        caption,
        [t("dimension_"), ...labels],
        known.map((code) => [dimensionName(code), ...cut(groups[0], code).map((value) => number(value))]),
      ),
    ];
  }

  // Traffic lights of early warning: composite and dimensions by quarter, and the indicators that warn in the issue's quarter.
  const MARKS = { watch: "!", alert: "!!" };
  function signals(codes) {
    const { rows, indicators } = main.signals || { rows: {}, indicators: [] },
      known = codes.filter((code) => Object.values(rows).some((row) => row[code]));
    if (!known.length) return [];
    const cell = (item, code) => {
      const signal = (rows[item] || {})[code];
      return signal ? { text: `${MARKS[signal] || ""} ${t(signal)}`.trim(), quality: `signal ${signal}` } : "–";
    };
    const body = ["overall", ...Object.keys(main.names.dimensions)]
      .filter((item) => rows[item])
      .map((item) => [dimensionName(item), ...known.map((code) => cell(item, code))]);
    const told = ["alert", "watch"]
      .map((signal) => [signal, indicators.filter(([own]) => own === signal).map(([, ...names]) => inLanguage(names))])
      .filter(([, names]) => names.length && state.q === main.quarter)
      .map(([signal, names]) => element("p", {}, `${MARKS[signal]} ${t(signal)}: ${names.join(", ")}`));
    const caption = `${t("signals")} ${labelOf(known[0])}–${labelOf(known.at(-1))}`;
    return [
      element("h3", {}, t("signals")),
      element("p", { class: "quiet" }, t("signalsMore")),
      element(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
        table(caption, [t("dimension_"), ...known.map(labelOf)], body),
      ),
      ...told,
    ];
  }

  // ---- groups: map, strip, ranking
  function newestOf(measure) {
    if (measure === "labour_index" && state.d !== "overall") return files.get(`dimension-${state.d}`) || {};
    return (files.get(`measure-${measure}`) || { values: {} }).values;
  }
  const valueOf = (measure, group) => {
    const values = full(newestOf(measure)[group]);
    return values ? values[at()] : null;
  };
  const stepsOf = (measure) => (measure === "labour_index" ? [85, 95, 105, 115] : [80, 95, 105, 120]);
  const stepOf = (measure, value) =>
    value === null || value === undefined ? 0 : 1 + stepsOf(measure).filter((edge) => value >= edge).length;
  // The newest quarter's interval: [low, high, n]; none for other quarters and dimensions.
  const aboutOf = (measure, group) => (files.get(`measure-${measure}`) || { about: {} }).about[group] || {};
  function intervalOf(measure, group) {
    const { low, high, n } = aboutOf(measure, group);
    return state.q === main.quarter && (measure !== "labour_index" || state.d === "overall") ? [low, high, n] : [];
  }
  // What a group is held against: the whole country, for the index on the group's own dimensions.
  const againstOf = (measure, group) => (measure === "labour_index" ? aboutOf(measure, group).nation : valueOf(measure, "TH"));
  const isUnclear = (measure, group) => {
    const [low, high, n] = intervalOf(measure, group),
      against = againstOf(measure, group);
    return (
      (n !== undefined && n < rules().few) ||
      (low !== undefined && low !== null && against !== undefined && low <= against && against <= high)
    );
  };
  function noteOf(measure, group) {
    const [low, high, n] = intervalOf(measure, group),
      about = aboutOf(measure, group),
      parts = [];
    if (low !== undefined && low !== null) parts.push(`95%: ${number(low)}–${number(high)}`);
    if (n !== undefined) parts.push(`n = ${n.toLocaleString("en")}${n < rules().few ? ` (${t("few")})` : ""}`);
    if (measure === "labour_index" && about.dimensions !== undefined && parts.length)
      parts.push(`${about.dimensions} ${t("dimensions")}`, `${t("sameDimensions")} ${number(about.nation)}`);
    if (isUnclear(measure, group)) parts.push(t("unclear"));
    return parts.join(" · ");
  }
  function groups() {
    const measure = state.m,
      caption = `${t("measures")[measure]}${measure === "labour_index" && state.d !== "overall" ? ` ${dimensionName(state.d)}` : ""} ${labelOf(state.q)}`;
    const codes = Object.keys(main.names.groups).filter((code) => code !== "TH" && newestOf(measure)[code]);
    if (!codes.length) return nothing(t("noGroups").replace("{}", t("measures")[measure]));
    const rows = () =>
      [...codes, "TH"].map((group) => {
        const [low, high, n] = intervalOf(measure, group);
        return {
          index: measure,
          part: measure === "labour_index" ? state.d : "overall",
          group,
          period: state.q,
          value: valueOf(measure, group),
          low95: low,
          high95: high,
          n,
          dimensions: measure === "labour_index" ? aboutOf(measure, group).dimensions : undefined,
        };
      });
    const kinds = KINDS.filter((kind) => kind !== "PROVINCE" && codes.some((code) => code.startsWith(`${kind}:`)));
    const room = widthOf("groups"),
      isWide = room > 860,
      half = isWide ? Math.floor((room - 32) / 2) : room;
    const known = codes
      .flatMap((code) => [valueOf(measure, code), ...intervalOf(measure, code).slice(0, 2)])
      .filter((value) => value !== null && value !== undefined)
      .concat(100);
    const low = Math.min(...known),
      high = Math.max(...known);
    const drawn = kinds.map((kind) => {
      const list = codes
        .filter((code) => code.startsWith(`${kind}:`))
        .map((code) => {
          const value = valueOf(measure, code),
            [from, to] = intervalOf(measure, code);
          return {
            code,
            name: groupName(code),
            value,
            low: from,
            high: to,
            other: from === undefined || from === null ? null : againstOf(measure, code),
            text: number(value),
            note: noteOf(measure, code),
            isMuted: isUnclear(measure, code),
            isChosen: chosen().includes(code),
          };
        })
        .sort((one, other) => (other.value ?? -1e9) - (one.value ?? -1e9));
      const title = `${caption} ${t("by")}${t("kinds")[kind]}`;
      const bar = charts.bars({
        rows: list,
        neutral: 100,
        low,
        high,
        isSigned: true,
        label: title,
        width: half,
        onPick: (code) => toggle(code),
        onShow: ahead,
      });
      return element("div", {}, element("h3", {}, `${t("by")}${t("kinds")[kind]}`), taking("groups", bar, rows));
    });
    const heads = [t("group"), t("points"), "95%", "n", t("dimensions"), t("sameDimensions"), t("quarter"), t("year")];
    const body = [...codes, "TH"].map((code) => {
      const [from, to, n] = intervalOf(measure, code),
        values = full(newestOf(measure)[code]),
        about = aboutOf(measure, code);
      return [
        groupName(code),
        number(values && values[at()]),
        from === undefined || from === null ? "–" : `${number(from)}–${number(to)}`,
        n === undefined ? "–" : n,
        measure === "labour_index" ? (about.dimensions ?? "–") : "–",
        measure === "labour_index" ? number(about.nation) : "–",
        moved(change(values, at(), 1)),
        moved(change(values, at(), 4)),
      ];
    });
    return [
      element("p", { class: "quiet" }, t("muted")),
      element("div", { class: "two even" }, element("div", {}, mapOf(measure, caption)), element("div", {}, ...drawn.slice(0, 2))),
      element("div", { class: "two even" }, ...drawn.slice(2)),
      behind(caption, heads, body),
    ];
  }
  let isRealMap = false;
  function mapOf(measure, caption) {
    const steps = stepsOf(measure),
      strip = element("p", { class: "strip", "aria-live": "polite" });
    const tell = (code) => {
      const value = valueOf(measure, code);
      const said = value === null || value === undefined ? t("unpublished") : `${number(value)} ${t("points")}`;
      strip.textContent = `${groupName(code)} ${said} ${noteOf(measure, code)}`;
    };
    const map = isRealMap && files.has("map") ? realMap(measure, caption, tell) : tileMap(measure, caption, tell);
    tell(chosen().find((code) => code in main.names.tiles) || Object.keys(main.names.tiles)[0] || lead());
    const legend = element(
      "ul",
      { class: "legend", "aria-label": t("colours") },
      ...[...Array(steps.length + 2).keys()].map((step) => {
        const words =
          step === 0
            ? t("noValue")
            : step === 1
              ? `< ${steps[0]}`
              : step === steps.length + 1
                ? `≥ ${steps.at(-1)}`
                : `${steps[step - 2]} – < ${steps[step - 1]}`;
        return element("li", {}, element("span", { class: `swatch s${step}` }), words);
      }),
    );
    const other = button(
      isRealMap ? t("tileMap") : t("realMap"),
      async () => {
        try {
          if (!isRealMap) await load(place.dataset.map, "map");
        } catch {
          return missed();
        }
        isRealMap = !isRealMap;
        return redraw(["groups"]);
      },
      { class: "no-print small" },
    );
    const notice = isRealMap
      ? element(
          "p",
          { class: "source" },
          `${t("mapBy")} Tae Noppakun Wongsrinoppakun, Victor Cazanave (@svg-maps/thailand 2.0.0), CC BY 4.0`,
        )
      : null;
    return element("div", {}, element("h3", {}, `${t("map")}: ${caption}`), map, strip, legend, other, notice);
  }
  function mapButton(tag, measure, code, step, tell) {
    const value = valueOf(measure, code),
      [letters] = main.names.tiles[code];
    const words = `${letters} ${groupName(code)} ${value === null || value === undefined ? t("unpublished") : `${number(value)} ${t("points")}`}`;
    for (const [name, said] of Object.entries({
      class: `tile s${step}`,
      "aria-label": words,
      "aria-pressed": String(chosen().includes(code)),
      "data-code": code,
      tabindex: "-1",
    }))
      tag.setAttribute(name, said);
    for (const kind of ["focus", "pointerenter"])
      tag.addEventListener(kind, () => {
        ahead(code);
        tell(code);
      });
    tag.addEventListener("click", () => toggle(code));
    return tag;
  }
  function tileMap(measure, caption, tell) {
    const tiles = Object.entries(main.names.tiles),
      rows = tiles.map(([, tile]) => tile[1]),
      columns = tiles.map(([, tile]) => tile[2]);
    const firstRow = Math.min(...rows),
      firstColumn = Math.min(...columns),
      map = element("div", { class: "tiles", role: "group", "aria-label": `${t("map")}: ${caption}` });
    map.style.setProperty("--columns", Math.max(...columns) - firstColumn + 1);
    for (const [code, [letters, row, column]] of tiles) {
      const tile = mapButton(element("button", { type: "button" }, letters), measure, code, stepOf(measure, valueOf(measure, code)), tell);
      tile.style.gridRow = row - firstRow + 1;
      tile.style.gridColumn = column - firstColumn + 1;
      map.append(tile);
    }
    return walkable(map);
  }
  function realMap(measure, caption, tell) {
    const { viewBox, paths } = files.get("map"),
      SPACE = "http://www.w3.org/2000/svg",
      svg = document.createElementNS(SPACE, "svg");
    for (const [name, value] of Object.entries({ viewBox, class: "real-map", role: "group", "aria-label": `${t("map")}: ${caption}` }))
      svg.setAttribute(name, value);
    for (const [code, drawn] of Object.entries(paths)) {
      if (!(code in main.names.tiles)) continue;
      const shape = mapButton(document.createElementNS(SPACE, "path"), measure, code, stepOf(measure, valueOf(measure, code)), tell);
      shape.setAttribute("d", drawn);
      shape.setAttribute("role", "button");
      shape.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          toggle(code);
        }
      });
      svg.append(shape);
    }
    return walkable(svg);
  }
  // A map is one stop of the Tab key; the arrows walk from province to the nearest in their direction.
  function walkable(map) {
    const tiles = [...map.children],
      first = tiles.find((tile) => chosen().includes(tile.dataset.code)) || tiles[0];
    if (first) first.setAttribute("tabindex", "0");
    const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const middle = (tile) => {
      const box = tile.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    };
    map.addEventListener("keydown", (event) => {
      const way = WAYS[event.key],
        from = event.target;
      if (!way || !from.dataset.code) return;
      event.preventDefault();
      const [x, y] = middle(from);
      const cost = (tile) => {
        const [right, down] = [middle(tile)[0] - x, middle(tile)[1] - y],
          along = right * way[0] + down * way[1];
        return along > 2 ? along + 3 * Math.abs(right * way[1] + down * way[0]) : Infinity;
      };
      const next = tiles.reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
      if (cost(next) === Infinity) return;
      from.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
    return map;
  }
  // A group that is tapped is compared with the whole country; tapped again, it goes.
  function toggle(code) {
    const now = chosen().filter((one) => one !== code);
    if (now.length < chosen().length) choose({ g: now.length ? now.join(",") : "TH" });
    else choose({ g: [code, ...now.filter((one) => one === "TH"), ...now.filter((one) => one !== "TH")].slice(0, MOST).join(",") });
  }

  const confidence = (survey) => () => {
    const groups = chosen().filter((group) => surveyOf(survey, group).value.overall);
    if (!groups.length) return nothing(t("noSurvey").replace("{}", chosen().map(groupName).join(", ")));
    const first = Math.min(...groups.map((group) => main.periods.length - surveyOf(survey, group).value.overall.length)),
      from = Math.max(first, range(main.periods.length - first));
    const isAlone = groups.length === 1,
      get = (group, key, domain = "overall") => full((surveyOf(survey, group)[key] || {})[domain]);
    const series = groups.map((group, order) => ({
      name: groupName(group),
      hue: order ? LINES[order][0] : HUES[survey],
      dash: LINES[order][1],
      values: get(group, "value").slice(from),
      low: isAlone && get(group, "low") ? get(group, "low").slice(from) : undefined,
      high: isAlone && get(group, "high") ? get(group, "high").slice(from) : undefined,
    }));
    const name = t("measures")[survey],
      label = `${name} ${groups.map(groupName).join(", ")} ${labelOf(main.periods[from])}–${labelOf(main.periods.at(-1))}`;
    const isWide = widthOf(survey) > 860,
      drawn = charts.lines({
        series,
        labels: main.periods.slice(from).map(labelOf),
        codes: main.periods.slice(from),
        events: eventsFrom(from),
        marked: at() - from,
        width: widthOf(survey) - (isWide && isAlone ? 270 : 0),
        neutralName: t("middle"),
        label,
        unit: t("points"),
        onPick: (code) => choose({ q: code }),
      });
    const told = groups.map((group) => {
      const n = get(group, "n"),
        low = get(group, "low"),
        high = get(group, "high"),
        count = n && n[at()];
      const more =
        low && low[at()] !== null
          ? ` (95%: ${number(low[at()])}–${number(high[at()])}, n = ${count === null ? "–" : count.toLocaleString("en")}` +
            `${count !== null && count < rules().few ? `, ${t("few")}` : ""})`
          : "";
      return sentence(`${name} ${groupName(group)}`, get(group, "value"), more);
    });
    const domains = Object.keys(main.names.domains[survey]).filter((code) => get(lead(), "value", code));
    const bar = domains.length
      ? charts.bars({
          rows: domains.map((code) => {
            const value = get(lead(), "value", code)[at()],
              low = get(lead(), "low", code),
              high = get(lead(), "high", code);
            const nation = lead() === "TH" || !surveyOf(survey, "TH").value[code] ? null : full(surveyOf(survey, "TH").value[code])[at()];
            return {
              code: "",
              name: inLanguage(main.names.domains[survey][code]),
              value,
              low: low && low[at()],
              high: high && high[at()],
              other: nation,
              text: number(value),
              note: nation === null ? "" : `${groupName("TH")} ${number(nation)}`,
            };
          }),
          neutral: 100,
          hue: HUES[survey],
          label: `${name} ${t("domains")} ${groupName(lead())} ${labelOf(state.q)}`,
          width: widthOf(survey),
        })
      : null;
    const rows = () =>
      ["overall", ...Object.keys(main.names.domains[survey])].flatMap((domain) =>
        longRows({ survey, domain }, groups, (group, position) => {
          const part = (key) => {
            const values = get(group, key, domain);
            return values ? values[position] : null;
          };
          return { value: part("value"), low95: part("low"), high95: part("high"), n: part("n") };
        }),
      );
    const dial = isAlone
      ? charts.dial(series[0].values[at() - from], {
          hue: HUES[survey],
          low: 0,
          high: 200,
          label: `${label}: ${number(series[0].values[at() - from])}`,
        })
      : null;
    const figure = taking(survey, drawn, rows),
      periods = main.periods.slice(from);
    const body = periods
      .map((period, position) => [
        labelOf(period),
        ...series.map((one) => number(one.values[position])),
        ...(isAlone
          ? [
              `${number((series[0].low || [])[position])}–${number((series[0].high || [])[position])}`,
              number((get(groups[0], "n") || [])[from + position], 0),
            ]
          : []),
      ])
      .reverse();
    return [
      ...told,
      isAlone ? element("div", { class: isWide ? "two dialled" : "dialled" }, dial, figure) : figure,
      bar ? element("h3", {}, `${t("domains")} ${groupName(lead())}`) : null,
      bar ? taking(survey, bar, rows) : null,
      behind(label, [t("period"), ...series.map((one) => one.name), ...(isAlone ? ["95%", "n"] : [])], body),
    ];
  };

  // ---- changes, each in points or per cent
  const shown = { back: 1, unit: "points" };
  function rates() {
    const group = lead(),
      list = [];
    const add = (code, name, values) => {
      if (values && values[at()] !== null && values[at()] !== undefined) list.push({ code, name, values });
    };
    add("labour_index overall", t("measures").labour_index, indexOf(group, "overall"));
    for (const code of Object.keys(main.names.dimensions)) add(`labour_index ${code}`, dimensionName(code), indexOf(group, code));
    for (const survey of ["employer", "worker"]) {
      add(`${survey} overall`, t("measures")[survey], full(surveyOf(survey, group).value.overall));
      for (const [code, names] of Object.entries(main.names.domains[survey]))
        add(`${survey} ${code}`, inLanguage(names), full(surveyOf(survey, group).value[code]));
    }
    if (!list.length) return nothing(t("noIndex").replace("{}", groupName(group)));
    const points = (values, back) => change(values, at(), back);
    const rate = (values, back) => {
      const moved_ = points(values, back);
      return moved_ === null || !values[at() - back] ? null : (moved_ / values[at() - back]) * 100;
    };
    const how = (values) => (shown.unit === "points" ? points(values, shown.back) : rate(values, shown.back));
    const unit = shown.unit === "points" ? t("points") : t("percent");
    const label = `${t("headings").rates} ${groupName(group)} ${labelOf(state.q)} ${t(shown.back === 1 ? "quarter" : "year")} (${unit})`;
    const bar = charts.bars({
      rows: list.map((row) => ({ code: "", name: row.name, value: how(row.values), text: signed(how(row.values)), note: unit })),
      isSigned: true,
      label,
      width: widthOf("rates"),
    });
    const pick = (key, options) =>
      element(
        "span",
        { class: "segments no-print", role: "group" },
        ...options.map(([value, words]) =>
          button(
            words,
            () => {
              shown[key] = value;
              redraw(["rates"]);
            },
            { "aria-pressed": String(shown[key] === value) },
          ),
        ),
      );
    const rows = () =>
      list.map((row) => {
        const [index, part] = row.code.split(" ");
        return {
          index,
          part,
          group,
          period: state.q,
          value: row.values[at()],
          change_quarter: points(row.values, 1),
          percent_quarter: rate(row.values, 1),
          change_year: points(row.values, 4),
          percent_year: rate(row.values, 4),
        };
      });
    const heads = [
      t("index"),
      t("points"),
      `${t("quarter")} (${t("points")})`,
      `${t("quarter")} (${t("percent")})`,
      `${t("year")} (${t("points")})`,
      `${t("year")} (${t("percent")})`,
    ];
    return [
      pick("back", [
        [1, t("quarter")],
        [4, t("year")],
      ]),
      pick("unit", [
        ["points", t("points")],
        ["percent", t("percent")],
      ]),
      taking("rates", bar, rows),
      behind(
        label,
        heads,
        list.map((row) => [
          row.name,
          number(row.values[at()]),
          moved(points(row.values, 1)),
          moved(rate(row.values, 1)),
          moved(points(row.values, 4)),
          moved(rate(row.values, 4)),
        ]),
      ),
    ];
  }

  // ---- shares: of the group where it has them, beside the nation
  const shares = (key, hue, count) => () => {
    const own = (of(lead())[key] || {}).value,
      group = own ? lead() : "TH",
      held = of(group)[key],
      nation = group === "TH" ? null : of("TH")[key];
    if (!held || !held.value) return nothing(t("noSurvey").replace("{}", groupName(lead())));
    const share = (from, part, code) => {
      const values = full(((from || {})[part] || {})[code]);
      return values && values[at()] !== null ? values[at()] * (part === "n" ? 1 : 100) : null;
    };
    const list = Object.keys(held.value)
      .map((code) => {
        const value = share(held, "value", code),
          n = share(held, "n", code),
          other = share(nation, "value", code);
        const note = [
          n === null ? "" : `n = ${n.toLocaleString("en")}${n < rules().few ? ` (${t("few")})` : ""}`,
          other === null ? "" : `${groupName("TH")} ${number(other)}`,
        ]
          .filter(Boolean)
          .join(" · ");
        return {
          code: "",
          option: code,
          name: inLanguage(main.names.options[code]) || code,
          value,
          low: share(held, "low", code),
          high: share(held, "high", code),
          other,
          text: number(value),
          note,
          isMuted: n !== null && n < rules().few,
        };
      })
      .sort((one, other) => (other.value ?? -1) - (one.value ?? -1));
    const label = `${t("headings")[key]} ${groupName(group)} ${labelOf(state.q)} (${t("percent")})`;
    const bar = charts.bars({ rows: list.slice(0, count), low: 0, hue, label, width: widthOf(key) });
    const rows = () =>
      Object.keys(held.value).flatMap((code) =>
        longRows({ item: code }, [group], (_, position) => {
          const part = (name) => {
            const values = full((held[name] || {})[code]);
            return values ? values[position] : null;
          };
          return { value: part("value"), low95: part("low"), high95: part("high"), n: part("n") };
        }),
      );
    const last = at(),
      from = Math.max(0, last - YEARS),
      labels = main.periods.slice(from, last + 1).map(labelOf);
    return [
      element(
        "p",
        { class: "quiet" },
        own ? `${groupName(group)}${nation ? ` · ${t("tick")}` : ""}` : t("onlyNation").replace("{}", groupName(lead())),
      ),
      taking(key, bar, rows),
      behind(
        label,
        [t("item"), ...labels],
        list.map((row) => [
          row.name,
          ...full(held.value[row.option])
            .slice(from, last + 1)
            .map((value) => number(value === null ? null : value * 100)),
        ]),
      ),
    ];
  };

  const VIEWS = {
    history: [history, "gdqrx"],
    dimensions: [dimensions, "gdq"],
    groups: [groups, "gdqm"],
    employer: [confidence("employer"), "gqr"],
    worker: [confidence("worker"), "gqr"],
    rates: [rates, "gq"],
    actions: [shares("actions", "var(--worker)", 7), "gq"],
    traits: [shares("traits", "var(--employer)", 15), "gq"],
    priorities: [shares("priorities", "var(--worker)", 7), "gq"],
  };

  // ---- choosing
  const controls = {};
  function select(key, words, options, onChange) {
    const field = element(
      "select",
      { id: `choose-${key}` },
      ...options.map(([label, items]) =>
        label
          ? element("optgroup", { label }, ...items.map(([value, name]) => element("option", { value }, name)))
          : element("option", { value: items[0][0] }, items[0][1]),
      ),
    );
    field.addEventListener("change", () => onChange(field.value));
    controls[key] = field;
    return element("label", { for: `choose-${key}` }, words, field);
  }
  function build() {
    const bar = document.getElementById("controls"),
      one = (value, words) => ["", [[value, words]]];
    if (!bar) return;
    const groups_ = () =>
      KINDS.map((kind) => [
        t("kinds")[kind],
        Object.keys(main.names.groups)
          .filter((code) => code.startsWith(`${kind}:`))
          .map((code) => [code, groupName(code)]),
      ]).filter(([, items]) => items.length);
    bar.replaceChildren(
      select("g", t("group"), [one("TH", groupName("TH")), ...groups_()], (code) =>
        choose({ g: [code, ...chosen().slice(1)].filter((item, order, all) => all.indexOf(item) === order).join(",") }),
      ),
      select("add", t("compare"), [one("", t("choose")), one("TH", groupName("TH")), ...groups_()], (code) => {
        if (code)
          choose({
            g: [...chosen(), code]
              .filter((item, order, all) => all.indexOf(item) === order)
              .slice(0, MOST)
              .join(","),
          });
      }),
      select(
        "d",
        t("dimension_"),
        [one("overall", t("overall")), ...Object.keys(main.names.dimensions).map((code) => one(code, dimensionName(code)))],
        (value) => choose({ d: value }),
      ),
      select("q", t("period"), main.periods.map((period) => one(period, labelOf(period))).reverse(), (value) => choose({ q: value })),
      select("r", t("range"), [one("12", t("years3")), one("20", t("years5")), one("40", t("years10")), one("all", t("all"))], (value) =>
        choose({ r: value }),
      ),
      select(
        "m",
        t("mapIndex"),
        MEASURES.map((code) => one(code, t("measures")[code])),
        (value) => choose({ m: value }),
      ),
      element(
        "div",
        { class: "buttons" },
        button(state.l === "en" ? "ภาษาไทย" : "English", () => choose({ l: state.l === "en" ? "th" : "en" }), {
          lang: state.l === "en" ? "th" : "en",
        }),
        button(t("reset"), () => choose({ ...DEFAULTS, l: state.l })),
        button(t("print"), () => window.print()),
      ),
    );
  }
  // A value of the address that this issue does not have is said, not passed over.
  let strange = [];
  function read() {
    const given = new URLSearchParams(location.hash.slice(1)),
      fits = {
        g: (value) => value.split(",").every((code) => code in main.names.groups) && value.split(",").length <= MOST,
        d: (value) => value === "overall" || value in main.names.dimensions,
        q: (value) => main.periods.includes(value),
        m: (value) => MEASURES.includes(value),
        r: (value) => ["12", "20", "40", "all"].includes(value),
        x: (value) => value === "" || main.variants.includes(value),
        l: (value) => value in WORDS,
        c: (value) => value in VIEWS,
      };
    strange = [];
    Object.assign(state, DEFAULTS);
    for (const [key, value] of given) {
      if (fits[key] && fits[key](value)) state[key] = value;
      else if (key === "g" && value.split(",").some((code) => code in main.names.groups)) {
        state.g = value
          .split(",")
          .filter((code) => code in main.names.groups)
          .slice(0, MOST)
          .join(",");
        strange.push(`${key}=${value}`);
      } else strange.push(`${key}=${value}`);
    }
  }
  // Scripts of numbers that an item waits for; all of them wait for the compared groups.
  const groupFiles = () => [...new Set([...chosen(), "TH"])].map((group) => [main.files[group], group]);
  const FURTHER = {
    history: () => (state.x ? [["variants.js", "variants"]] : []),
    groups: () =>
      [[`measure-${state.m}.js`, `measure-${state.m}`]].concat(
        state.d === "overall" ? [] : [[`dimension-${state.d}.js`, `dimension-${state.d}`]],
      ),
  };
  const further = (item) => (FURTHER[item] ? FURTHER[item]() : []);
  const isHere = (list) => list.every(([, name]) => files.has(name));
  const get = (list) => Promise.all(list.map(([file, name]) => load(file, name)));
  const drawnAs = {};
  let turn = 0;
  async function draw(again = []) {
    const mine = ++turn;
    // Set when it differs: a new language has the whole page styled again.
    if (document.documentElement.lang !== state.l) document.documentElement.lang = state.l;
    if (drawnAs.language !== state.l) {
      if (!only) document.querySelector("main > h1").textContent = t("title");
      build();
      drawnAs.language = state.l;
    }
    for (const [key, field] of Object.entries(controls)) field.value = key === "add" ? "" : key === "g" ? lead() : state[key];
    // The choice is told at once, whatever the line; all that is still to come is asked for together.
    steadily(document.body, tell);
    place.setAttribute("aria-busy", "true");
    const asked = new Map(Object.keys(FURTHER).map((item) => [item, get(further(item))]));
    for (const one of asked.values()) one.catch(() => {}); // who waits for it is told
    if (!isHere(groupFiles())) await get(groupFiles());
    if (mine !== turn) return;
    // What the reader sees comes first; the rest follows item by item, so that no choice waits for what is out of sight or still to come.
    for (const [section, isSeen] of stale(again)) {
      if (!isHere(further(section.id))) await asked.get(section.id);
      else if (!isSeen) await frame();
      if (mine !== turn) return;
      steadily(section, () => drawItem(section.id));
    }
    place.removeAttribute("aria-busy");
    place.dataset.drawn = "yes";
  }
  // As the reader asked, or word that its numbers did not come.
  const redraw = (again) => draw(again).catch(missed);
  function missed() {
    place.removeAttribute("aria-busy");
    const notice = document.getElementById("strange");
    if (!notice) return;
    notice.hidden = false;
    notice.textContent = t("missed");
  }
  // Until what was drawn is on the screen. A page in the background has no frames.
  const frame = () =>
    new Promise((done) => (document.hidden ? setTimeout(done) : requestAnimationFrame(() => setTimeout(done))));
  // What stands above the items: the compared groups, what is shown, what the address asked in vain.
  function tell() {
    compared();
    const said = document.getElementById("chosen"),
      words = `${t("showing")} ${chosen().map(groupName).join(", ")} · ${dimensionName(state.d)} · ${labelOf(state.q)}`;
    if (said && said.textContent !== words) said.textContent = words;
    const notice = document.getElementById("strange");
    if (notice) {
      notice.hidden = !strange.length;
      notice.textContent = strange.length ? `${t("strange")}: ${strange.join(" ")} ${t("strangeMore")}` : "";
    }
  }
  const keyOf = (item) => [...VIEWS[item][1]].map((name) => state[name]).join("|") + state.l + innerWidth;
  function stale(again) {
    const found = Object.keys(VIEWS)
      .filter((item) => document.getElementById(item) && (drawnAs[item] !== keyOf(item) || again.includes(item)))
      .map((item) => {
        const section = document.getElementById(item),
          box = section.getBoundingClientRect();
        return [section, box.bottom > 0 && box.top < innerHeight];
      });
    const order = ([section, isSeen]) => (isSeen ? 0 : 1) + (isHere(further(section.id)) ? 0 : 2);
    return found.sort((one, other) => order(one) - order(other));
  }
  function drawItem(item) {
    const section = document.getElementById(item),
      host = section.querySelector(".view"),
      open = [...host.querySelectorAll("details")].map((details) => details.open);
    drawnAs[item] = keyOf(item);
    section.querySelector("h2").textContent = t("headings")[item];
    host.replaceChildren(...VIEWS[item][0]().filter(Boolean));
    host.querySelectorAll("details").forEach((details, order) => {
      if (open[order] !== undefined) details.open = open[order];
    });
  }
  // What stands under the reader's eye stays there when what is above it becomes longer or shorter, and the keyboard stays where it was.
  function steadily(section, change_) {
    if (scrollY === 0 && !section.contains(document.activeElement)) return change_();
    const code = section.contains(document.activeElement) ? document.activeElement.dataset.code : undefined,
      find = () => (code ? section.querySelector(`[data-code="${CSS.escape(code)}"]`) : null),
      under = find() || [...document.querySelectorAll(".panel")].find((panel) => panel.getBoundingClientRect().bottom > 0),
      stood = under && under.getBoundingClientRect().top;
    change_();
    const again = code ? find() : under;
    if (code && again) again.focus({ preventScroll: true });
    if (again && scrollY > 0) window.scrollBy({ top: again.getBoundingClientRect().top - stood, behavior: "instant" });
  }
  // The groups that are compared, each of which can be taken away.
  function compared() {
    const list = document.getElementById("compared");
    if (!list) return;
    list.hidden = chosen().length < 2;
    list.replaceChildren(
      ...chosen().map((code) =>
        element(
          "li",
          {},
          button(`${groupName(code)} ×`, () => toggle(code), { "aria-label": `${t("remove")} ${groupName(code)}` }),
        ),
      ),
    );
  }
  function choose(changed) {
    Object.assign(state, changed);
    strange = [];
    history_();
    return redraw();
  }
  const history_ = () => window.history.pushState(null, "", `#${stateText()}`);
  function start() {
    main = files.get("main");
    DEFAULTS = {
      g: "TH",
      d: "overall",
      q: main.quarter,
      m: "labour_index",
      r: "12",
      x: "",
      l: place.dataset.language || "th",
      ...(only ? { c: "history" } : {}),
    };
    read();
    if (only) {
      for (const item of Object.keys(VIEWS)) if (item !== state.c) document.getElementById(item).remove();
      const more = document.getElementById("more");
      more.href = permanent({});
    }
    const again = () => {
      if (location.hash.includes("=")) {
        read();
        redraw();
      }
    };
    window.addEventListener("popstate", () => {
      read();
      redraw();
    });
    window.addEventListener("hashchange", again);
    let pause = 0,
      width = innerWidth;
    window.addEventListener("resize", () => {
      clearTimeout(pause);
      pause = setTimeout(() => {
        if (innerWidth !== width) {
          width = innerWidth;
          redraw();
        }
      }, 150);
    });
    // On paper every table is open; afterwards those are closed that were.
    let closed = [];
    window.addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll(".view details:not([open], .tools)")];
      closed.forEach((details) => {
        details.open = true;
      });
    });
    window.addEventListener("afterprint", () =>
      closed.forEach((details) => {
        details.open = false;
      }),
    );
    draw().catch(fail);
  }
  function fail() {
    document.documentElement.classList.remove("js");
    const notice = document.getElementById("strange");
    if (notice) {
      notice.hidden = false;
      notice.textContent = WORDS.th.failed;
    }
  }
  load("main.js", "main").then(start, fail);
})();
