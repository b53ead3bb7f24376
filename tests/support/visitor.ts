import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { type Locale, type StringKey, stringsOf, type Translate } from "../../app/strings.ts";

/** Of the browsers that ask for the interface in each language. */
const regions: Readonly<Record<Locale, string>> = { en: "en-GB", fr: "fr-FR", ar: "ar-EG" };

/** Milliseconds that anything on a page may take on a busy machine. */
const patience = 20_000;

interface Arrival {
  readonly site: string;
  /** Of the browser, and so of the interface and the reading language that signing up proposes. */
  readonly locale: Locale;
  readonly name: string;
  readonly options?: BrowserContextOptions;
}

/** A person who uses the pages of a running Meeshy in a browser of their own. */
export class Visitor {
  readonly page: Page;
  readonly name: string;
  readonly username: string;
  readonly password = "a long enough password";
  /** The interface's words as this person reads them. */
  readonly t: Translate;
  /** What the pages said to the console that they should not: errors, warnings, violated policies. */
  readonly complaints: string[] = [];

  private constructor(page: Page, locale: Locale, name: string) {
    this.page = page;
    this.name = name;
    this.username = `visitor-${crypto.randomUUID().slice(0, 8)}`;
    this.t = stringsOf(locale);
    page.setDefaultTimeout(patience);
    page.on("pageerror", ({ message }) => this.complaints.push(message));
    page.on("console", (message) => {
      // Chrome itself reports answers such as 404 and lost connections, which the tests provoke.
      const isExpected = /^Failed to load resource|^WebSocket connection to/.test(message.text());
      if (["error", "warning"].includes(message.type()) && !isExpected) this.complaints.push(message.text());
    });
  }

  static async arrive(browser: Browser, { site, locale, name, options }: Arrival): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: site,
      locale: regions[locale],
      viewport: { width: 1280, height: 800 },
      reducedMotion: "reduce",
      ...options,
    });
    const visitor = new Visitor(await context.newPage(), locale, name);
    await visitor.page.goto("/");
    return visitor;
  }

  leave(): Promise<void> {
    return this.page.context().close();
  }

  // ---- finding things by the words that stand on them

  button(key: StringKey): Locator {
    return this.page.getByRole("button", { name: this.t(key), exact: true });
  }

  link(key: StringKey): Locator {
    return this.page.getByRole("link", { name: this.t(key), exact: true });
  }

  field(key: StringKey): Locator {
    return this.page.getByLabel(this.t(key), { exact: true });
  }

  heading(words: string): Locator {
    return this.page.getByRole("heading", { name: words, exact: true });
  }

  /** Where new messages and edits are written. */
  get composer(): Locator {
    return this.page.getByRole("textbox", { name: this.t("message"), exact: true });
  }

  /** A message by words of it, whether they are shown or are the original behind a translation. */
  message(words: string | RegExp): Locator {
    return this.page.getByRole("article").filter({ hasText: words });
  }

  /** A message that the room has stored, by words of it. */
  stored(words: string): Locator {
    return this.page.locator("[data-message]").filter({ hasText: words });
  }

  /** Ids of the messages in the order in which they stand. */
  messageIds(): Promise<(string | null)[]> {
    return this.page
      .locator("[data-message]")
      .evaluateAll((articles) => articles.map((article) => article.getAttribute("data-message")));
  }

  /** Whether a message stands inside the part of the conversation that is scrolled into view. */
  async isInView(words: string): Promise<boolean> {
    const [message, log] = await Promise.all([
      this.message(words).boundingBox(),
      this.page.getByRole("log").boundingBox(),
    ]);
    if (message === null || log === null) return false;
    return message.y + message.height > log.y && message.y < log.y + log.height;
  }

  /** What the conversation's header says of somebody, such as "online". */
  presence(of: Visitor, key: "online" | "offline"): Locator {
    const person = this.page.locator("header").getByRole("listitem").filter({ hasText: of.name });
    return person.getByText(this.t(key), { exact: true });
  }

  // ---- doing things

  /** Creates an account from a page that has the link to it. */
  async signUp(): Promise<void> {
    await this.link("signUp").click();
    await this.heading(this.t("signUp")).waitFor();
    await this.field("displayName").fill(this.name);
    await this.field("username").fill(this.username);
    await this.field("password").fill(this.password);
    await this.button("signUp").click();
  }

  async signIn(username = this.username, password = this.password): Promise<void> {
    await this.page.goto("/signin");
    await this.field("username").fill(username);
    await this.field("password").fill(password);
    await this.button("signIn").click();
  }

  /** Creates a conversation and is in it afterwards. Returns its path. */
  async startConversation(title: string): Promise<string> {
    await this.page.goto("/conversations/new");
    await this.field("title").fill(title);
    await this.button("create").click();
    await this.heading(title).waitFor();
    return new URL(this.page.url()).pathname;
  }

  /** Makes an invite link in the open conversation. */
  async invite(): Promise<string> {
    await this.button("invite").click();
    const link = this.field("inviteLink");
    await this.page
      .getByRole("dialog")
      .getByText(/2\d\d\d/)
      .waitFor();
    const address = await link.inputValue();
    await this.dismiss(this.page.getByRole("dialog"));
    return address;
  }

  /** Follows an invite link, creates an account there and joins. */
  async join(link: string, title: string): Promise<void> {
    await this.page.goto(link);
    await this.signUp();
    await this.button("join").click();
    await this.heading(title).waitFor();
  }

  /** Writes a message and sends it with the Enter key. */
  async write(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Chooses something from the menu of one of this person's messages. */
  async choose(words: string, action: "edit" | "delete"): Promise<void> {
    const actions = this.message(words).getByRole("button", { name: this.t("actions") });
    await actions.focus();
    await actions.press("Enter");
    await this.page.getByRole("menuitem", { name: this.t(action) }).click();
  }

  /**
   * Closes what is open with the Escape key. What has only just opened listens to keys a moment after it has the focus, so that the
   * key is pressed again where nothing has come of it.
   */
  async dismiss(open: Locator): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      await this.page.keyboard.press("Escape");
      const closed = open.waitFor({ state: "hidden", timeout: patience / 5 });
      if (await closed.then(() => true).catch(() => false)) return;
    }
    throw new Error("Escape does not close it.");
  }

  /** Puts an emoji on a message. */
  async react(words: string, emoji: string): Promise<void> {
    const open = this.message(words).getByRole("button", { name: this.t("react") });
    await open.focus();
    await open.press("Enter");
    await this.page.getByRole("menuitem", { name: emoji }).click();
  }

  /** Answers a message. */
  async reply(words: string, answer: string): Promise<void> {
    const open = this.message(words).getByRole("button", { name: this.t("reply") });
    await open.focus();
    await open.press("Enter");
    await this.write(answer);
  }

  /** Loses the network, and waits until the page says so. */
  async goOffline(): Promise<void> {
    await this.page.context().setOffline(true);
    await this.page.getByText(this.t("reconnecting")).waitFor();
  }

  /** Gets the network back, and waits until the page no longer misses it. */
  async comeBack(): Promise<void> {
    await this.page.context().setOffline(false);
    await this.page.getByText(this.t("reconnecting")).waitFor({ state: "hidden" });
  }
}
