/** The strings of a message that a colleague writes, in French. */
export const holderFr = {
  holder: {
    theirs: (name: string) => `${name} écrit ce message.`,
    sure: (name: string) => `Ce que ${name} a saisi reste ; la suite sera la vôtre.`,
    reading: 'Vous le lisez au fur et à mesure.',
    take: 'Prendre le message',
    takeSure: 'Oui, le prendre',
    unsaved: 'Ce que vous veniez de taper n’a pas été enregistré :',
    emptied: '(effacé)',
    drop: 'C’est noté',
    colleagues: 'En communication',
    watch: 'Suivre',
    watching: (name: string) => `Appel de ${name}, en lecture seule`,
    leave: 'Quitter',
  },
};
