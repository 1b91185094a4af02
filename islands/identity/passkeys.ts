// Forms that need a passkey: on submit the browser asks for the passkey first, then the form is sent with it.
import { keepZone } from "../kit/choices.ts";

/**
 * `data-options` is the URL of the WebAuthn options, `data-ceremony` says whether to create or to use (`get`) a
 * passkey.
 */
class PasskeyForm extends HTMLElement {
  connectedCallback(): void {
    if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
    this.hidden = false;
    // In the capture phase, before htmx handles the event: without its passkey the form must not be sent.
    this.addEventListener("submit", (event) => this.#interceptSubmit(event), { capture: true });
  }

  #interceptSubmit(event: Event): void {
    const form = event.target as HTMLFormElement;
    const field = form.elements.namedItem("credential") as HTMLInputElement;
    if (field.value) return;
    event.preventDefault();
    event.stopPropagation();
    this.#showError("");
    this.#requestCredential().then((credential) => {
      field.value = JSON.stringify(credential);
      form.requestSubmit();
      field.value = "";
    }).catch(() => this.#showError(this.dataset.failed!));
  }

  async #requestCredential(): Promise<unknown> {
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

  #showError(text: string): void {
    this.querySelector("[role=alert]")!.textContent = text;
  }
}

customElements.define("passkey-form", PasskeyForm);

// The first page after signing in already shows times in the person's zone.
keepZone();
