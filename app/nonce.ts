import { createContext } from "react";

/** The nonce that the Content-Security-Policy of this response allows; empty in the browser, which hides nonces. */
export const NonceContext = createContext("");
