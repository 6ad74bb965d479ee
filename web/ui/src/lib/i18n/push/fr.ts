/** The words of notifications in browsers, French. */
export const fr = {
  title: 'Notifications',
  lead: 'Ce navigateur vous prévient d’un nouveau message, même quand aucune page n’est ouverte. L’entreprise choisit pour quelles urgences (Envoi, Canaux).',
  add: 'Activer sur ce navigateur',
  adding: 'Activation…',
  here: 'ce navigateur',
  none: 'Aucun navigateur n’est prévenu.',
  since: (at: string) => `depuis ${at}`,
  reached: (at: string) => `dernier envoi ${at}`,
  remove: 'Retirer',
  removeNamed: (name: string) => `Retirer ${name}`,
  added: 'Ce navigateur sera prévenu.',
  signOutHint: 'Se déconnecter arrête les notifications sur le navigateur.',
  denied: 'Le navigateur refuse les notifications de ce site. Autorisez-les dans ses réglages (cadenas de la barre d’adresse), puis réessayez.',
  unsupported: 'Ce navigateur ne sait pas recevoir de notifications. Sur iPhone et iPad, ajoutez d’abord la page à l’écran d’accueil.',
  failed: 'Le service de notification du navigateur ne répond pas. Réessayez dans un instant.',
  everybody: 'Toutes les personnes qui ont activé les notifications dans leur compte',
  unknownBrowser: 'Navigateur',
  onCall: 'Prévenir aussi ses navigateurs (compte de même e-mail)',
  onCallReady: 'Un de ses navigateurs est prévenu.',
  onCallNobody:
    'Aucun navigateur n’est prévenu à cet e-mail : il faut un compte de votre société, et y activer les notifications. D’ici là, cette personne reçoit ses autres canaux (SMS, e-mail).',
};
export type PushWords = typeof fr;
