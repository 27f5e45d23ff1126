import { neutraliseLine } from '../../base/untrusted.ts'

/** What would begin or end something in GitHub Flavored Markdown: emphasis, code, links, tables, math, emoji, autolinks. */
const special = /[\\`*_[\]|~$:!]/g
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Text that shows as it is, on one line, wherever Markdown takes inline text. Nobody is mentioned by it. */
export function inlineMarkdown(text: string): string {
  return breakMentions(escapeHtml(neutraliseLine(text)).replace(special, '\\$&'))
}

/** As {@link inlineMarkdown}, for a cell of a table: line feeds become line breaks. */
export function cellMarkdown(text: string): string {
  return text.split(/\r?\n/).map(inlineMarkdown).join('<br>')
}

/** A line of a paragraph: does not become a heading, quote, list, rule or code block. */
export function lineMarkdown(text: string): string {
  return inlineMarkdown(text.trim())
    .replace(/^(?=[#+=-])/, '\\')
    .replace(/^(\d+)(?=[.)])/, '$1\\')
}

/** Text inside `<pre>`, line by line. */
export function preformatted(text: string): string[] {
  return text.split(/\r?\n/).map((line) => escapeHtml(neutraliseLine(line)))
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? character)
}

/** GitHub links `@name` where no word character or slash stands before it; the `@` of a digest reference is none. */
function breakMentions(text: string): string {
  return text.replace(/(?<![\w/])@(?=\w)/g, '@\u200b')
}
