// Prints the text that pdf.js finds in a PDF, pages parted by form feeds. PDFJS names the folder of the package pdfjs-dist.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const pdfjs = await import(pathToFileURL(`${process.env.PDFJS}/legacy/build/pdf.mjs`));
const data = new Uint8Array(readFileSync(process.argv[2]));
const pdf = await pdfjs.getDocument({ data, useSystemFonts: false, verbosity: 0 }).promise;
for (let number = 1; number <= pdf.numPages; number++) {
  const content = await (await pdf.getPage(number)).getTextContent();
  process.stdout.write(content.items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join("") + "\f");
}
