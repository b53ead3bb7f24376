import type { Locale } from "./strings.ts";

/** The API's refusals in the other languages of the interface, by its codes and by the names of its fields. */
const translations: Readonly<Record<Exclude<Locale, "en">, Readonly<Record<string, string>>>> = {
  fr: {
    invalid_credentials: "Le nom d’utilisateur ou le mot de passe est faux.",
    too_many_attempts: "Trop de tentatives de connexion. Attendez un peu, puis réessayez.",
    username_taken: "Ce nom d’utilisateur est déjà pris : choisissez-en un autre.",
    user_not_found: "L’une de ces personnes n’existe pas : vérifiez l’orthographe.",
    conversation_full: "La conversation compte déjà 256 personnes.",
    invite_not_found: "Cette invitation est inconnue ou n’est plus valable : demandez-en une autre.",
    banned: "Cette personne est bannie de la conversation.",
    not_permitted: "Votre rôle dans cette conversation ne le permet pas.",
    displayName: "Donnez un nom de 64 caractères au plus.",
    username:
      "Choisissez 3 à 32 lettres de a à z, chiffres, points, tirets ou tirets bas, en commençant par une lettre ou un chiffre.",
    password: "Choisissez un mot de passe de 8 à 72 caractères.",
    readingLanguage: "Choisissez l’une des langues.",
    title: "Donnez un titre de 100 caractères au plus.",
    members: "Donnez des noms d’utilisateur séparés par des virgules.",
  },
  ar: {
    invalid_credentials: "اسم المستخدم أو كلمة المرور غير صحيح.",
    too_many_attempts: "محاولات كثيرة لتسجيل الدخول. انتظر قليلا ثم حاول مرة أخرى.",
    username_taken: "اسم المستخدم هذا محجوز: اختر اسما آخر.",
    user_not_found: "أحد هؤلاء الأشخاص غير موجود: تحقق من الكتابة.",
    conversation_full: "في المحادثة 256 شخصا بالفعل.",
    invite_not_found: "هذه الدعوة غير معروفة أو لم تعد صالحة: اطلب دعوة جديدة.",
    banned: "هذا الشخص محظور من المحادثة.",
    not_permitted: "دورك في هذه المحادثة لا يسمح بذلك.",
    displayName: "اكتب اسما من 64 حرفا على الأكثر.",
    username: "اختر من 3 إلى 32 حرفا لاتينيا أو رقما أو نقطة أو شرطة، على أن يبدأ بحرف أو رقم.",
    password: "اختر كلمة مرور من 8 إلى 72 حرفا.",
    readingLanguage: "اختر إحدى اللغات.",
    title: "اكتب عنوانا من 100 حرف على الأكثر.",
    members: "اكتب أسماء المستخدمين وبينها فواصل.",
  },
};

/**
 * What a person reads of a refusal. The API writes for people, in English; where we have no translation, its own words
 * say more than none.
 *
 * @param key the code of the refusal, or the name of a field that it is about
 */
export function refusalIn(locale: Locale, key: string, detail: string): string {
  return locale === "en" ? detail : (translations[locale][key] ?? detail);
}
