/** The strings of a long transcript's beginning, in French. */
export const earlierFr = {
  earlier: {
    more: 'Voir ce qui a été dit avant',
    loading: 'Chargement de ce qui a été dit avant…',
  },
};
