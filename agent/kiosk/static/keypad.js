// Letters on a keypad that has digits alone: a digit pressed again within a second is its next letter, as on an old
// telephone. Who has a keyboard with letters types digits as digits. What is written goes through kiosk.js.
"use strict";
(() => {
  const KEYS = {
    kk: [" 0", "1-/.,№", "аәбвгғ2", "деёжз3", "ийікқл4", "мнңоөп5", "рстуұү6", "фхһцч7", "шщъы8", "ьэюя9"],
    ru: [" 0", "1-/.,№", "абвг2", "деёжз3", "ийкл4", "мноп5", "рсту6", "фхцч7", "шщъы8", "ьэюя9"],
    en: [" 0", "1-/.,№", "abc2", "def3", "ghi4", "jkl5", "mno6", "pqrs7", "tuv8", "wxyz9"],
  };
  // A link's capitals are signs of their own. Its third alphabet, 123, needs no taps.
  KEYS.abc = ["_0", "1-/.:", ...KEYS.en.slice(2)];
  KEYS.caps = KEYS.abc.map((signs) => signs.toUpperCase());
  const AGAIN_MS = 1000, OTHER_ALPHABET = "F7";
  const find = (selector) => document.querySelector(`#screen ${selector}`);
  let hasLetters = false, last = { digit: "", at: -Infinity, turn: 0, sign: "" }, fading;

  function input(inputType, data = null) {
    find("#typed").dispatchEvent(new InputEvent("beforeinput", { inputType, data, bubbles: true, cancelable: true }));
  }
  function press(digit, at, alphabet) {
    const signs = [...KEYS[alphabet][digit]], raw = () => find("#raw").value;
    const again = digit === last.digit && at - last.at < AGAIN_MS && raw().endsWith(last.sign);
    const turn = again ? (last.turn + 1) % signs.length : 0;
    if (again) input("deleteContentBackward");
    const ofWords = find("#typed").dataset.typing !== "link", begins = ofWords && (raw() === "" || raw().endsWith(" "));
    const sign = begins ? signs[turn].toLocaleUpperCase() : signs[turn];
    input("insertText", sign);
    last = { digit, at, turn, sign };
    hint(signs, turn);
  }
  function written(kind, text) {
    const element = document.createElement(kind);
    element.textContent = text;
    return element;
  }
  function hint(signs, turn) {
    const told = find(".taps") ?? document.createElement("span");
    told.className = "taps";
    told.setAttribute("aria-hidden", "true"); // a screen reader says what the field holds
    const letters = signs.map((sign, index) => written(index === turn ? "b" : "i", sign === " " ? "␣" : sign));
    told.replaceChildren(...letters, written("kbd", OTHER_ALPHABET), ` ${find('[data-show="next"]').textContent}`);
    find(".field").append(told);
    clearTimeout(fading);
    fading = setTimeout(() => find(".taps")?.remove(), 2 * AGAIN_MS);
  }

  document.addEventListener("beforeinput", (event) => {
    if (event.isTrusted && /\p{L}/u.test(event.data ?? "")) hasLetters = true;
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^\p{L}$/u.test(event.key)) hasLetters = true;
    const letters = find(".letters"), alphabet = letters?.dataset.alphabet;
    if (!letters) return;
    if (event.key === OTHER_ALPHABET) find('[data-show="next"]').click();
    else if (!hasLetters && KEYS[alphabet] && /^[0-9]$/.test(event.key)) press(event.key, event.timeStamp, alphabet);
    else return;
    event.preventDefault();
    event.stopPropagation(); // it is no digit any more; a scanner's burst is read beside this, not behind it
  }, true);
})();
