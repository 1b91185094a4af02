import assert from "node:assert/strict";
import { findZone } from "../../../../routes/ui/kit/times.ts";
import { languageOf, wordsOf } from "../../../../routes/ui/kit/words.ts";

Deno.test("languageOf() takes the first language that there is a catalogue for", () => {
  assert.equal(languageOf(undefined), "en");
  assert.equal(languageOf("pt-PT,pt;q=0.9,en;q=0.8"), "pt-BR");
  assert.equal(languageOf("de, en;q=0.5, pt;q=0.7"), "pt-BR");
  assert.equal(languageOf("fr"), "en");
});

Deno.test("numbers, sizes and times are written as the language has them", () => {
  const [en, pt] = [wordsOf("en"), wordsOf("pt-BR")];
  assert.equal(en.bytes(3_430_000), "3.4 MB");
  assert.equal(pt.bytes(3_430_000), "3,4 MB");
  assert.equal(en.bytes(999), "999 bytes");
  assert.equal(pt.percent(42), "42%");
  assert.equal(en.plural("library.count", 1), "1 asset");
  assert.equal(pt.plural("library.count", 12_345), "12.345 ativos");
  const now = Date.parse("2026-01-02T12:00:00Z");
  assert.equal(en.ago("2026-01-02T11:59:30Z", now), "now");
  assert.equal(en.ago("2026-01-02T09:00:00Z", now), "3 hr. ago");
  assert.equal(en.ago("2025-12-02T12:00:00Z", now), "Dec 2, 2025");
  assert.match(en.dateTime("2025-12-02T12:00:00Z"), /^Dec \d, 2025, \d+:\d\d [AP]M \S+$/, "with the zone");
});

Deno.test("times are in the zone of the reader, which hovering names", () => {
  const words = wordsOf("pt-BR", findZone("America/Sao_Paulo"));
  const noon = "2026-01-02T12:00:00Z";
  assert.equal(words.dateTime(noon), "2 de jan. de 2026, 9:00");
  assert.equal(words.fullTime(noon), "2 de jan. de 2026, 9:00:00 BRT (America/Sao Paulo)");
  assert.equal(
    wordsOf("en", findZone("Asia/Tokyo")).ago("2025-12-02T20:00:00Z", Date.parse(noon)),
    "Dec 3, 2025",
  );
});

Deno.test("findZone() knows the zones of the time zone database and nothing else", () => {
  assert.equal(findZone("europe/lisbon"), "Europe/Lisbon");
  for (const name of [undefined, "", "Mars/Base", "+03:17", "<b>", "x".repeat(4_000)]) {
    assert.equal(findZone(name), undefined);
  }
});
