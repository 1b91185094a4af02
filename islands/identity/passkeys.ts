// Forms that are sent with a passkey: the browser asks for it when the form is sent, and then the form goes on.

/** `data-options` answers what to ask for, `data-ceremony` tells whether one is made (`create`) or used (`get`). */
class PasskeyForm extends HTMLElement {
  connectedCallback(): void {
    if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
    this.hidden = false;
    // Before anybody else hears of it: without its passkey the form goes nowhere.
    this.addEventListener("submit", (event) => this.#hold(event), { capture: true });
  }

  #hold(event: Event): void {
    const form = event.target as HTMLFormElement;
    const field = form.elements.namedItem("credential") as HTMLInputElement;
    if (field.value) return;
    event.preventDefault();
    event.stopPropagation();
    this.#say("");
    this.#ask().then((credential) => {
      field.value = JSON.stringify(credential);
      form.requestSubmit();
      field.value = "";
    }).catch(() => this.#say(this.dataset.failed!));
  }

  async #ask(): Promise<unknown> {
    const answer = await fetch(this.dataset.options!, { method: "POST" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const options = await answer.json();
    const credential = this.dataset.ceremony === "create"
      ? await navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
      })
      : await navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
      });
    return (credential as PublicKeyCredential).toJSON();
  }

  #say(text: string): void {
    this.querySelector("[role=alert]")!.textContent = text;
  }
}

customElements.define("passkey-form", PasskeyForm);
