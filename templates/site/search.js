"use strict";
// The website's search. Entries come as scripts (reporter/delivery/site/search.py), so that it works from a disk and asks no server.
// Found is what holds every word of the query, where a word begins and ends: Thai has no spaces, so the entries carry the places.
(() => {
  const MARK = "\u200b";
  const WEIGHTS = { title: 12, also: 7, place: 3, text: 1 };
  // What a reader most often looks for comes first among equals.
  const KINDS = {
    page: 1.3,
    province: 1.5,
    group: 1.3,
    indicator: 1.2,
    dimension: 1.3,
    section: 1.25,
    table: 1,
    figure: 1,
    term: 1.1,
    issue: 0.9,
    data: 0.7,
  };
  const TONES = "่้๊๋";
  const SHORT = 3,
    STRANGE = 0.4; // share of a query's letters that may be unknown
  const FEW = 5,
    ENOUGH = 3;
  const SURE = 8; // letters: so much does not stand by chance within other words
  const PARTS = /[ะ-ฺ็-๎]/; // vowels and marks, with which no word begins
  const NUMBERED = /^(ตาราง|รูป|แผนภูมิ)ที่ \d+$/;
  const NEAR = 40; // letters between words that were typed as one
  const ENDINGS = /^(s|es|d|ed|ing|er|ers|ly|ment|ies)(?![a-z])/;
  const SHORTEST_SLIP = 5; // letters: of shorter words another letter makes another word (ขาว, ข่าว, ข้าว)
  const letter = (character) => /[\p{L}\p{M}\p{N}]/u.test(character || "");
  const isThai = (character) => /[\u0e00-\u0e7f]/.test(character || "");

  // ---- one way of writing: small letters, Arabic digits, Thai marks in their order
  function plain(text) {
    return text
      .normalize("NFC")
      .toLowerCase()
      .replace(/[๐-๙]/g, (digit) => "๐๑๒๓๔๕๖๗๘๙".indexOf(digit))
      .replace(/[\u200c\u200d\u2060\ufeff\u00ad]/g, "")
      .replace(/[\u00a0\s]+/g, " ")
      .replace(/[’‘]/g, "'")
      .replace(/เเ/g, "แ")
      .replace(/([่-๋])([ัิ-ฺ])/g, "$2$1") // a tone mark typed before the vowel above or below
      .replace(/ํ([่-๋]?)า/g, "$1ำ")
      .replace(/า([่-๋])/g, "$1า")
      .replace(/ำ([่-๋])/g, "$1ำ") // sara am of two parts
      .replace(/([ัิ-ฺ่-๋])\1+/g, "$1"); // a mark typed twice
  }

  // ---- entries as one long text, with the places where words begin and end
  const books = new Map(); // file -> book
  function book(content) {
    const entries = [],
      starts = [];
    let text = "";
    const edges = new Set();
    for (const [kind, title, address, place, also, body, group] of content.rows) {
      const entry = { kind, title: bare(title), address, place: bare(place), group: group || address, fields: [] };
      for (const [name, value] of Object.entries({ title, also, place, text: body })) {
        const parts = plain(value).split(MARK);
        entry.fields.push([text.length, name]);
        for (const part of parts) {
          edges.add(text.length);
          text += part;
        }
        edges.add(text.length);
        text += "\n";
      }
      entry.end = text.length;
      entry.body = bare(body);
      starts.push(entry.fields[0][0]);
      entries.push(entry);
    }
    return { ...content, entries, starts, text, edges };
  }
  const bare = (text) => text.replaceAll(MARK, "");
  const isEdge = (one, place) =>
    one.edges.has(place) ||
    !letter(one.text[place - 1]) ||
    !letter(one.text[place]) ||
    isThai(one.text[place - 1]) !== isThai(one.text[place]);

  function entryAt(one, place) {
    let low = 0,
      high = one.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (one.starts[middle] <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
  // Places of a term in a book: it begins where a word begins. A word of four letters may go on, because what follows narrows its
  // meaning (ข่าว, ข่าวสาร; unemploy, unemployment); the name of a province may not (แพร่, แพร่หลาย).
  function placesOf(one, term) {
    const whole = [],
      begun = [];
    for (let place = one.text.indexOf(term); place >= 0; place = one.text.indexOf(term, place + 1)) {
      const isLong = isThai(term[0]) && term.length >= SURE;
      if (!isLong && !isEdge(one, place)) continue;
      if (isThai(one.text[place]) && PARTS.test(one.text[place + term.length])) continue; // พยากรณ in พยากรณ์
      if (isLong || isEdge(one, place + term.length) || ENDINGS.test(one.text.slice(place + term.length, place + term.length + 8)))
        whole.push(place);
      else begun.push(place);
    }
    if (term.length < 4 || names().has(term)) return whole;
    // A Latin word that is there whole is meant whole: north is not northeast.
    return isThai(term[0]) || !whole.length ? whole.concat(begun).sort((one_, other) => one_ - other) : whole;
  }
  let provinces = null;
  function names() {
    if (!provinces)
      provinces = new Set(
        pages()
          .entries.filter((entry) => entry.kind === "province")
          .map((entry) => plain(entry.title)),
      );
    return provinces;
  }
  const occurs = (term) => [...books.values()].some((one) => placesOf(one, term).length);
  const isKnown = (term) => sameAs(term).some(occurs);

  // ---- the query
  const pages = () => books.get("site");
  function quarterOf(text) {
    const forms = [
      [/(?:^|\s)(?:ไตรมาส(?:ที่)?\s*)?([1-4])\s*\/\s*(\d{4}|\d{2})(?=\s|$)/, 1, 2],
      [/ไตรมาส(?:ที่)?\s*([1-4])\s*(?:ปี|ของปี|พ\.ศ\.)?\s*(\d{4})/, 1, 2],
      [/(?:^|\s)(\d{4})\s*[-/]?\s*q([1-4])(?=\s|$)/, 2, 1],
      [/(?:^|\s)q([1-4])\s*[-/]?\s*(\d{4})(?=\s|$)/, 1, 2],
    ];
    for (const [form, quarter, year] of forms) {
      const found = text.match(form);
      if (!found) continue;
      const number = Number(found[year]);
      const christian = number < 100 ? number + 2500 - 543 : number >= 2400 ? number - 543 : number;
      return { id: `${christian}-Q${found[quarter]}`, rest: text.replace(found[0], " ").trim() };
    }
    return { id: "", rest: text };
  }
  // A term and all that mean the same; the first is what was asked.
  function sameAs(word) {
    const forms = isThai(word[0]) ? [word] : [word, word.replace(/s$/, ""), word.replace(/es$/, ""), word.replace(/ies$/, "y")];
    const groups = pages().same.filter((group) => forms.some((form) => group.includes(form)));
    return [word, ...new Set(groups.flat().filter((other) => other !== word))];
  }
  // A piece of text without spaces as known words: as few as possible, as little unknown as possible.
  const standsWhole = (word) => pages().same.some((group) => group.includes(word)) || [...books.values()].some((one) => isWhole(one, word));
  function isWhole(one, word) {
    for (let place = one.text.indexOf(word); place >= 0; place = one.text.indexOf(word, place + 1)) {
      if (isEdge(one, place) && isEdge(one, place + word.length)) return true;
    }
    return false;
  }
  function pieces(text, apart) {
    const best = [[0, []]],
      known = new Map();
    const knows = (word) => {
      const isWord = () => (apart ? single().has(word) : standsWhole(word));
      if (!known.has(word)) known.set(word, word.length > 1 && (pages().fillers.includes(word) || isWord()));
      return known.get(word);
    };
    for (let end = 1; end <= text.length; end++) {
      best[end] = [best[end - 1][0] + 3, [...best[end - 1][1], { word: text[end - 1], known: false }]];
      for (let start = Math.max(0, end - 30); start < end - 1; start++) {
        const cost = best[start][0] + 1;
        if (cost < best[end][0] && knows(text.slice(start, end)))
          best[end] = [cost, [...best[start][1], { word: text.slice(start, end), known: true }]];
      }
    }
    const joined = [];
    for (const piece of best[text.length][1]) {
      const before = joined[joined.length - 1];
      if (before && !before.known && !piece.known) before.word += piece.word;
      else joined.push({ ...piece });
    }
    return joined;
  }
  // Words that are one word in the entries.
  let singles = null;
  function single() {
    if (singles) return singles;
    singles = new Set();
    for (const one of books.values()) {
      let from = 0;
      for (const to of [...one.edges].sort((first, second) => first - second)) {
        singles.add(one.text.slice(from, to).trim());
        from = to;
      }
    }
    return singles;
  }
  // The word of the entries that differs from this one by a slip of the hand; "" where there is none.
  let vocabulary = null;
  function words() {
    if (vocabulary) return vocabulary;
    vocabulary = new Set(pages().same.flat());
    for (const one of books.values()) {
      const edges = [...one.edges].sort((first, second) => first - second);
      for (let from = 0; from < edges.length; from++) {
        for (let to = from + 1; to < Math.min(from + 6, edges.length) && edges[to] - edges[from] <= 24; to++) {
          const word = one.text.slice(edges[from], edges[to]).trim();
          if (word.length >= SHORTEST_SLIP - 1 && !/[\s.,()]/.test(word)) vocabulary.add(word);
        }
      }
      for (const word of one.text.match(/[a-z]{4,}/g) || []) vocabulary.add(word);
    }
    return vocabulary;
  }
  function slipOf(word) {
    if (word.length < SHORTEST_SLIP) return "";
    const allowed = word.length >= 9 ? 2 : 1;
    let found = "",
      least = allowed + 0.5;
    for (const other of words()) {
      if (Math.abs(other.length - word.length) > allowed || isThai(other[0]) !== isThai(word[0])) continue;
      const distance = slips(word, other, least);
      if (distance < least) {
        least = distance;
        found = other;
      }
    }
    return found;
  }
  // Letters added, left out, exchanged or changed; one tone mark in place of another is another word.
  function slips(one, other, limit) {
    let before = null,
      row = Array.from({ length: other.length + 1 }, (_, index) => index);
    for (let i = 1; i <= one.length; i++) {
      const next = [i];
      for (let j = 1; j <= other.length; j++) {
        const isToneChange = TONES.includes(one[i - 1]) && TONES.includes(other[j - 1]);
        let cost = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : isToneChange ? 3 : 1));
        if (before && i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
          cost = Math.min(cost, before[j - 2] + 1);
        next.push(cost);
      }
      if (Math.min(...next) > limit) return limit + 1;
      [before, row] = [row, next];
    }
    return row[other.length];
  }

  // A word of the query as terms of which every one must be found: [[asked, same, same], ...].
  function resolve(chunk, apart) {
    if (isKnown(chunk) && !(apart && isThai(chunk[0]))) return { terms: [sameAs(chunk)], unknown: [], slips: [] };
    const terms = [],
      unknown = [],
      corrected = [];
    if (isThai(chunk[0]) && chunk.length > 3) {
      const parts = pieces(chunk, apart),
        whole = apart ? "" : slipOf(chunk);
      const strange = parts.filter((piece) => !piece.known).reduce((sum, piece) => sum + piece.word.length, 0);
      const isLoose = parts.some((piece) => piece.word.length < 3 || pages().fillers.includes(piece.word));
      if (whole && (strange || isLoose || slips(chunk, whole, 2) === 1))
        return { terms: [sameAs(whole)], unknown: [], slips: [[chunk, whole]] };
      const fixed = mended(parts);
      // Words of three letters stand by chance in a word that is not there: then nothing of it is meant.
      const isChance = (piece) => !piece.known || (piece.word.length <= SHORT && !pages().fillers.includes(piece.word));
      const chance = fixed.filter(isChance).reduce((sum, piece) => sum + piece.word.length, 0);
      const asking = fixed.filter((piece) => pages().fillers.includes(piece.word)).reduce((sum, piece) => sum + piece.word.length, 0);
      if (!apart && chance > STRANGE * (chunk.length - asking)) return { terms, unknown: [chunk], slips: [] };
      for (const piece of fixed) {
        if (piece.slip) corrected.push([piece.slip, piece.word]);
        if (piece.known) terms.push(sameAs(piece.word));
        else unknown.push(piece.word);
      }
      return { terms, unknown, slips: corrected };
    }
    const meant = slipOf(chunk);
    return meant ? { terms: [sameAs(meant)], unknown: [], slips: [[chunk, meant]] } : { terms, unknown: [chunk], slips: [] };
  }
  // Unknown letters between known words: together with a neighbour they may be a word with a slip.
  function mended(parts) {
    const out = [];
    for (let index = 0; index < parts.length; index++) {
      const piece = parts[index];
      if (piece.known) {
        out.push(piece);
        continue;
      }
      const before = out[out.length - 1],
        after = parts[index + 1];
      const tries = [
        [piece.word, 0, 0],
        [(before ? before.word : "") + piece.word, 1, 0],
        [piece.word + (after ? after.word : ""), 0, 1],
        [(before ? before.word : "") + piece.word + (after ? after.word : ""), 1, 1],
      ];
      const fitting = tries.map(([word, back, ahead]) => [slipOf(word), word, back, ahead]).find(([meant]) => meant);
      if (!fitting) {
        out.push(piece);
        continue;
      }
      if (fitting[2] && before) out.pop();
      out.push({ word: fitting[0], known: true, slip: fitting[1] });
      if (fitting[3]) index++;
    }
    return out;
  }
  // Words that were typed apart and are one name: minimum wage, table 4.
  function named(chunks) {
    const known = new Set(pages().same.flat()),
      out = [];
    for (let from = 0; from < chunks.length; from++) {
      let to = chunks.length;
      const name = () => chunks.slice(from, to).join(" ");
      while (to > from + 1 && !known.has(name()) && !NUMBERED.test(name())) to--;
      out.push(name());
      from = to - 1;
    }
    return out;
  }
  function understood(query, apart = false) {
    const { id, rest } = quarterOf(plain(query).trim());
    const chunks = rest
      .split(/[\s,;:"“”()?!]+/)
      .map((chunk) => chunk.replace(/^[.\-–]+|[.\-–ฯ]+$/g, ""))
      .filter(Boolean);
    const found = { quarter: id, terms: [], unknown: [], slips: [], phrase: chunks.join("") };
    for (const chunk of apart ? chunks : named(chunks)) {
      const part = resolve(chunk, apart);
      for (const key of ["terms", "unknown", "slips"]) found[key].push(...part[key]);
    }
    const fillers = new Set(pages().fillers);
    const telling = found.terms.filter(([word]) => !fillers.has(word));
    if (telling.length) found.terms = telling;
    found.unknown = found.unknown.filter((word) => !fillers.has(word) && /[\p{L}\p{N}]/u.test(word));
    const seen = new Set();
    found.terms = found.terms.filter(([word]) => !seen.has(word) && seen.add(word));
    return found;
  }

  // ---- finding
  // A word of the other language counts as much as the one that was typed, another word of the same language less.
  const shareOf = (asked, term) => (asked === term || isThai(asked[0]) !== isThai(term[0]) ? 1 : 0.75);
  function scored(one, term, share) {
    const found = new Map();
    for (const place of placesOf(one, term)) {
      const number = entryAt(one, place),
        entry = one.entries[number];
      const [start, field] = entry.fields.findLast(([from]) => from <= place);
      const kept = found.get(number) || { score: 0, times: 0, at: -1, places: [] };
      kept.places.push(place);
      if (field === "text") {
        kept.times += 1;
        if (kept.at < 0) kept.at = place - start;
        kept.score += kept.times > 6 ? 0 : (isEdge(one, place + term.length) ? WEIGHTS.text : WEIGHTS.text / 2) / kept.times;
      } else {
        const whole = entry.fields[entry.fields.findIndex(([from]) => from === start) + 1] || [entry.end];
        const portion = term.length / Math.max(whole[0] - 1 - start, term.length);
        const weight =
          field === "title" ? WEIGHTS.title * (0.4 + 0.6 * portion + (portion === 1 ? 1 : 0)) : WEIGHTS[field] * (kept[field] ? 0.1 : 1);
        kept.score += weight * (kept[field] && field === "title" ? 0.2 : 1) * (isEdge(one, place + term.length) ? 1 : 0.5);
        kept[field] = true;
      }
      found.set(number, kept);
    }
    for (const kept of found.values()) kept.score *= share;
    return found;
  }
  function inBook(one, query) {
    const perTerm = query.terms.map((same) => {
      const merged = new Map();
      same.forEach((term) => {
        for (const [number, kept] of scored(one, term, shareOf(same[0], term))) {
          const held = merged.get(number);
          if (!held || held.score < kept.score) merged.set(number, { ...kept, term });
        }
      });
      const rare = Math.log(1 + one.entries.length / (1 + merged.size));
      for (const kept of merged.values()) Object.assign(kept, { score: kept.score * (0.5 + rare), rare });
      return merged;
    });
    if (!perTerm.length) return [];
    const hits = [];
    for (const number of new Set(perTerm.flatMap((merged) => [...merged.keys()]))) {
      const entry = one.entries[number],
        parts = perTerm.map((merged) => merged.get(number)).filter(Boolean);
      const told = parts.reduce((sum, kept) => sum + kept.rare, 0);
      let score = parts.reduce((sum, kept) => sum + kept.score, 0) * KINDS[entry.kind];
      const title = plain(entry.title).replace(/\s/g, "");
      if (query.terms.length > 1 && title.includes(query.phrase)) score *= 1.5;
      const isNear = parts[0].places.some((place) => parts.every((kept) => kept.places.some((other) => Math.abs(other - place) < NEAR)));
      const shown = parts.find((kept) => kept.at >= 0);
      hits.push({
        ...entry,
        score,
        told,
        isNear,
        isWhole: parts.length === perTerm.length,
        at: shown ? shown.at : -1,
        words: parts.map((kept) => kept.term),
      });
    }
    return hits;
  }
  // One result for a section: the best of it leads, its other hits stand below.
  function grouped(hits) {
    const groups = new Map();
    for (const hit of hits.sort((first, second) => second.score - first.score)) {
      const key = `${hit.issue || ""} ${hit.group}`;
      if (groups.has(key)) groups.get(key).more.push(hit);
      else groups.set(key, { ...hit, more: [] });
    }
    return [...groups.values()];
  }
  // query -> { hits, unknown, slips, quarter, missing }; loads what it needs through load(file), which gives a promise.
  async function find(text, { load, every = false } = {}) {
    const issues = pages().issues;
    await load(issues[0].file);
    const named = quarterOf(plain(text).trim()).id;
    const asked = issues.find((issue) => issue.quarter === named);
    if (asked) await load(asked.file);
    if (every) for (const issue of issues) await load(issue.file);
    let query = understood(text);
    for (const word of [...query.unknown, ...query.slips.map(([typed]) => typed)]) {
      const number = pages().older[word];
      if (number !== undefined) await load(issues[number].file);
    }
    if (query.unknown.length || query.slips.length) query = understood(text);
    const known = query.terms.flatMap(([word]) => word).join("").length,
      strange = query.unknown.join("").length;
    if (strange > STRANGE * (known + strange)) return { ...query, hits: [], missing: Boolean(named && !asked) };
    const find_ = (meant) =>
      from
        .filter((name) => books.has(name))
        .flatMap((name) => inBook(books.get(name), meant).map((hit) => ({ ...hit, issue: name === "site" ? "" : name })));
    const from = named ? (asked ? [asked.id] : ["site"]) : [...books.keys()];
    let hits = find_(query);
    // A phrase that few places hold: places that hold its words apart come after them.
    if (!query.slips.length && new Set(hits.filter((hit) => hit.isWhole).map((hit) => hit.group)).size < ENOUGH) {
      const apart = understood(text, true),
        there = new Set(hits.filter((hit) => hit.isWhole).map((hit) => hit.address + hit.title));
      if (!apart.unknown.length && apart.terms.length > 1) {
        const more = find_(apart).filter((hit) => hit.isWhole && hit.isNear && !there.has(hit.address + hit.title));
        hits = hits.concat(more.map((hit) => ({ ...hit, score: hit.score * 0.3 })));
      }
    }
    if (asked) {
      const whole = books.get(asked.id).entries.find((entry) => entry.kind === "issue");
      if (whole && !query.terms.length) hits = [{ ...whole, score: 1, at: -1, words: [], isWhole: true, issue: asked.id }];
    }
    // Where nothing holds every word: the few places that hold the words that tell most.
    const isPartial = !hits.some((hit) => hit.isWhole);
    if (isPartial)
      hits = hits
        .sort((one, other) => other.told - one.told || other.score - one.score)
        .filter((hit) => hit.told >= 0.99 * hits[0].told)
        .slice(0, FEW);
    else hits = hits.filter((hit) => hit.isWhole || (hit.kind === "issue" && asked));
    if (named && !asked && !query.terms.length)
      hits = pages()
        .entries.filter((entry) => /^data\/\w+\/index/.test(entry.address))
        .map((entry) => ({ ...entry, score: 1, at: -1, words: [] }));
    const newest = issues[0].id;
    hits.forEach((hit) => {
      if (hit.issue && hit.issue !== newest && !asked) hit.score *= 0.6;
    });
    return { ...query, isPartial: isPartial && query.terms.length > 1, hits: grouped(hits), missing: Boolean(named && !asked) };
  }

  // ---- scripts of entries
  const waiting = new Map();
  window.reporterSearchFile = (name, packed) => {
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    new Response(stream).json().then((content) => {
      books.set(name, book(content));
      vocabulary = singles = null;
      const done = waiting.get(name);
      if (done) done();
    });
  };
  const loading = new Map();
  function loader(root) {
    return (file) => {
      const name = file === "search/site.js" ? "site" : pages().issues.find((issue) => issue.file === file).id;
      if (books.has(name)) return Promise.resolve();
      if (!loading.has(file))
        loading.set(
          file,
          new Promise((resolve_, reject) => {
            waiting.set(name, resolve_);
            const script = document.createElement("script");
            script.src = root + file;
            script.onerror = reject;
            document.head.append(script);
          }),
        );
      return loading.get(file);
    };
  }
  const load = loader("../");
  const ready = () => load("search/site.js");
  window.reporterSearch = { find: (text, more = {}) => ready().then(() => find(bare(text), { load, ...more })), plain, slips };

  // ---- the page
  const form = document.getElementById("search-form");
  if (!form) return;
  const field = document.getElementById("query"),
    list = document.getElementById("results"),
    count = document.getElementById("count");
  const older = document.getElementById("older"),
    words_ = JSON.parse(form.dataset.words);
  const SHOWN = 30;
  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  // A stretch of the text around the first hit, with the words in it marked.
  function excerpt(hit) {
    const middle = Math.max(hit.at, 0),
      from = Math.max(0, middle - 50);
    const text = hit.body.slice(from, middle + 130);
    return (from ? "… " : "") + text + (middle + 130 < hit.body.length ? " …" : "");
  }
  function highlighted(text, wanted) {
    const lower = plain(text),
      out = [];
    if (lower.length !== text.length) return [text];
    let done = 0;
    while (done < text.length) {
      const next = wanted
        .map((word) => [lower.indexOf(word, done), word])
        .filter(([place]) => place >= 0)
        .sort((a, b) => a[0] - b[0] || b[1].length - a[1].length)[0];
      if (!next) break;
      out.push(text.slice(done, next[0]), element("mark", {}, text.slice(next[0], next[0] + next[1].length)));
      done = next[0] + next[1].length;
    }
    return [...out, text.slice(done)];
  }
  function shown(hit) {
    const link = element("a", { href: `../${hit.address}` }, ...highlighted(hit.title, hit.words));
    const kind = element("span", { class: "kind" }, words_.kinds[hit.kind]);
    const label = hit.issue ? pages().issues.find((issue) => issue.id === hit.issue).label : "";
    const item = element(
      "li",
      {},
      element("p", { class: "hit" }, kind, " ", link),
      element("p", { class: "quiet" }, [label, hit.place].filter(Boolean).join(" · ")),
    );
    if (hit.body) item.append(element("p", { class: "excerpt" }, ...highlighted(excerpt(hit), hit.words)));
    const more = hit.more.filter((other) => other.address !== hit.address).slice(0, 4);
    if (more.length) {
      item.append(
        element(
          "ul",
          { class: "inline-list" },
          ...more.map((other) => element("li", {}, element("a", { href: `../${other.address}` }, other.title))),
        ),
      );
    }
    return item;
  }
  let turn = 0;
  async function show(every = false) {
    const text = field.value.trim(),
      mine = ++turn;
    if (!text) {
      list.replaceChildren();
      count.textContent = "";
      older.hidden = true;
      return;
    }
    const found = await window.reporterSearch.find(text, { every });
    if (mine !== turn) return;
    const said = [];
    if (found.missing) said.push(`${words_.noIssue} ${found.quarter}`);
    if (found.slips.length) said.push(found.slips.map(([typed, meant]) => `${words_.meant} “${meant}” (“${typed}”)`).join(" "));
    if (found.unknown.length) said.push(`${words_.unknown} ${found.unknown.map((word) => `“${word}”`).join(" ")}`);
    if (found.isPartial && found.hits.length) said.push(words_.partial);
    said.push(found.hits.length ? `${words_.found} ${found.hits.length} ${words_.places}` : words_.none);
    count.textContent = said.join(" · ");
    list.replaceChildren(...found.hits.slice(0, SHOWN).map(shown));
    if (found.hits.length > SHOWN) {
      const rest = element("button", { type: "button" }, `${words_.all} ${found.hits.length}`);
      rest.addEventListener("click", () => {
        list.replaceChildren(...found.hits.map(shown));
      });
      list.append(element("li", {}, rest));
    }
    older.hidden = every || found.quarter !== "" || pages().issues.length < 2;
  }
  older.addEventListener("click", () => show(true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", `#q=${encodeURIComponent(field.value)}`);
    show();
  });
  let pause = 0;
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(show, 120);
  });
  // The words of the address: after # from this page, after ? from the field in the head of every page.
  function read() {
    const given = new URLSearchParams(location.hash.slice(1)).get("q") ?? new URLSearchParams(location.search).get("q");
    if (given !== null) {
      field.value = given;
      show();
    }
  }
  window.addEventListener("hashchange", read);
  window.addEventListener("popstate", read);
  read();
})();
