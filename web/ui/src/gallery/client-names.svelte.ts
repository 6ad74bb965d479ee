/** Every client by name, for whoever chooses one. */
import { reports } from '../lib/api/reports';
import { iso } from '../lib/reports/days';

export class ClientNames {
  all = $state.raw<readonly { id: string; name: string }[]>([]);

  constructor() {
    void reports.usage(iso(new Date()).slice(0, 7)).then(
      (found) => {
        this.all = found.map((one) => ({ id: one.client_id, name: one.client_name }));
      },
      () => undefined, // every client together is still there; the report says what fails
    );
  }
}
