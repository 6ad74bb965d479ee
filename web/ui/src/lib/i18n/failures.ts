/** Why something did not leave, as the service says it (French, kept with each try), for whoever
 * reads it. A test looks for every sentence of the service here; what others say (a mail server, a
 * push service) is quoted as it came. */
import { i18n } from './i18n.svelte';

/** The first that fits; `$1`: what the service put in. */
const ENGLISH: readonly (readonly [RegExp, string])[] = [
  [/^refusé par le serveur d'envoi \((55[013])\) : (.*)$/s, 'address refused by its mail server ($1: $2). Check the address, then send again.'],
  [/^refusé par le serveur d'envoi \((\d+)\) : (.*)$/s, 'refused by the mail server ($1): $2'],
  [/^refusé par le serveur d'envoi : (.*)$/s, 'refused by the mail server: $1'],
  [/^le serveur d'envoi refuse nos identifiants \((.*)\)$/s, 'the mail server refuses our credentials ($1)'],
  [/^serveur d'envoi injoignable \((.*?)\) : (.*)$/s, 'the mail server cannot be reached ($1): $2'],
  [/^le serveur d'envoi ne répond pas$/, 'the mail server does not answer'],
  [/^adresse e-mail invalide : (.*)$/s, 'not an e-mail address: $1'],
  [/^aucun envoi n'est configuré pour « sms »$/, 'this house sends no text messages'],
  [/^aucun envoi n'est configuré pour « (.*) »$/s, 'this house has nothing to send “$1” by'],
  [/^erreur interne : l'envoi s'est arrêté$/, 'internal error: the sending stopped'],
  [/^erreur interne \((.*)\)$/s, 'internal error ($1)'],
  [/^aucun navigateur n'est abonné : activez les notifications dans l'espace client$/, 'no browser is notified: switch notifications on in the portal'],
  [/^aucun téléphone n'est abonné : à activer depuis le lien d'un message d'astreinte$/, 'no telephone is notified: to be switched on from the link of an on-call message'],
  [/^les navigateurs abonnés n'existent plus : activez de nouveau les notifications$/, 'the browsers are gone: switch notifications on again'],
  [/^clés illisibles$/, 'unreadable keys'],
  [/^le service de notification répond (\d+)$/, 'the push service answers $1'],
  [/^ce webhook n'est plus dans les réglages du client$/, 'this webhook is no longer in the company’s settings'],
  [/^le canal « (.*) » n'est plus dans les réglages$/s, 'the channel “$1” is no longer in the settings'],
  [/^l'adresse du canal « (.*) » ne s'ouvre plus : saisissez-la de nouveau$/s, 'the address of the channel “$1” no longer opens: type it again'],
  [/^adresse de (.*) incomplète : saisissez-la de nouveau$/s, 'the address of $1 is not whole: type it again'],
  [/^adresse de (.*) invalide : (.*)$/s, 'not an address ($1): $2'],
  [/^la réponse du (.*) est démesurée$/s, 'the answer is far too large ($1)'],
  [/^un (.*) doit être en https$/s, 'must be https ($1)'],
  [/^un (.*) ne peut pas viser une adresse privée$/s, 'may not lead to a private address ($1)'],
  [/^le service ne répond pas$/, 'the service does not answer'],
  [/^réponse illisible de HubSpot$/, 'HubSpot’s answer cannot be read'],
  [/^HubSpot refuse le jeton \((.*)\) : donnez-en un autre$/s, 'HubSpot refuses the token ($1): give another'],
  [/^(.*) : une adresse privée n'est pas permise$/s, '$1: a private address is not allowed'],
  [/^(.*) ne prend pas le message pour l'instant \((.*)\)$/s, '$1 does not take the message for now ($2)'],
  [/^(.*) refuse l'accès \((.*)\) : le jeton a expiré ou a été révoqué$/s, '$1 refuses access ($2): the token expired or was revoked'],
  [/^(.*) : ce canal n'existe plus \((.*)\)$/s, '$1: this channel no longer exists ($2)'],
  [/^ce CRM n'est plus dans les réglages du client$/, 'this CRM is no longer in the company’s settings'],
  [/^le jeton du CRM ne s'ouvre plus : donnez-le à nouveau$/, 'the token of the CRM no longer opens: give it again'],
  [/^refusé \((.*)\)$/s, 'refused ($1)'],
  [/^réponse illisible$/, 'the answer cannot be read'],
  [/^refusé par (.*?) \((.*)\)(.*)$/s, 'refused by $1 ($2)$3'],
  [/^(.*) injoignable \((.*)\) : (.*)$/s, 'cannot be reached: $1 ($2), $3'],
  [/^(.*) injoignable \((.*)\)$/s, 'cannot be reached: $1 ($2)'],
  [/^(.*) introuvable \((.*)\)$/s, 'not found: $1 ($2)'],
  [/^(.*) introuvable$/s, 'not found: $1'],
];

/** What the service's own sentence leaves to be guessed. */
const FRENCH: readonly (readonly [RegExp, string])[] = [
  [/^refusé par le serveur d'envoi \((55[013])\) : (.*)$/s, 'adresse refusée par sa messagerie ($1 : $2). Vérifiez l’adresse, puis envoyez de nouveau.'],
  [/^aucun envoi n'est configuré pour « sms »$/, 'cette maison n’envoie pas de SMS'],
];

/** A failure kept by the service, in the reader's language. */
export function failureWords(said: string): string {
  const found = (i18n.language === 'fr' ? FRENCH : ENGLISH).find(([shape]) => shape.test(said));
  return found ? said.replace(found[0], found[1]) : said;
}
