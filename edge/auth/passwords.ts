import { compare, hash } from "bcryptjs";

/** Rounds as a power of two: about 60 ms in workerd. */
export const defaultBcryptCost = 10;

/**
 * A hash to store. bcrypt reads 72 bytes of a password only: the API refuses longer ones (edge/api/schemas.ts) instead of
 * letting their ends not matter.
 */
export const hashPassword = (password: string, cost = defaultBcryptCost): Promise<string> => hash(password, cost);

/** True when the password has this hash; takes as long when there is no hash to compare with, so that time tells nothing. */
export async function verifyPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const matches = await compare(password, passwordHash ?? hashOfNoPassword);
  return matches && passwordHash !== undefined;
}

/** Of a random password that nobody knows, with the default cost. */
const hashOfNoPassword = "$2b$10$YeijAmOzHqXaGnAocdJfluBKUt17mTxnqCkd8Uc6vxgDENJ/4lFcO";
