/** The words of connecting a calendar by consent, French. */
export const fr = {
  with: { google: 'Se connecter avec Google', microsoft: 'Se connecter avec Microsoft' },
  again: 'Reconnecter',
  leaving: 'Ouverture de la page du fournisseur…',
  lead: 'Vous donnez votre accord sur la page du fournisseur ; aucun mot de passe n’est saisi ici. L’accès se retire à tout moment.',
  by: 'Connecté par votre accord.',
  expired: 'L’accès a expiré ou a été retiré : reconnectez ce compte. D’ici là aucun de ses horaires n’est proposé.',
  revoked: 'Accès retiré, ici et chez le fournisseur.',
  notRevoked: 'Accès retiré ici, mais Google n’a pas répondu : retirez-le aussi sur myaccount.google.com, « Applications tierces ».',
  revokeThere: 'Accès retiré ici. Retirez aussi l’application chez le fournisseur (Microsoft : myapps.microsoft.com), qui ne peut pas être prévenu d’ici.',
  refused: {
    consent_off: 'Ce serveur n’a plus d’application chez ce fournisseur. Demandez à l’administrateur de l’accueil.',
    consent_answer: 'La réponse ne correspond à aucune demande en cours (trop tard, ou déjà utilisée). Recommencez depuis cette page.',
    consent_declined: 'L’accord n’a pas été donné. Recommencez ; si votre organisation l’interdit, son administrateur doit autoriser l’application.',
    consent_incomplete: 'L’accord ne couvre pas l’agenda : recommencez et cochez la case de l’agenda.',
    consent_refused: 'Le fournisseur ne reconnaît pas l’application de l’accueil. Demandez à l’administrateur de vérifier son identifiant et son secret.',
    consent_unreachable: 'Le fournisseur ne répond pas. Rien n’a été connecté ; réessayez dans quelques minutes.',
  } as Record<string, string>,
  refusedElse: 'Rien n’a été connecté. Recommencez depuis cette page.',
};
export type ConsentWords = typeof fr;
