/** What is said in the batches that tune. Of each list, texts at even places are in the first one, the others in the second. */
import type { Texts } from './texts';

export const tuneTexts = {
  en: {
    short: ['Hello?', 'Yes?', 'Hi.', 'Yeah?', 'Hello, hello?', 'Good morning.', 'Yes, hello?', 'Who is this?'],
    phrase: [
      'John speaking.',
      'Hello, this is Mary.',
      'Miller.',
      'Hi, Peter here.',
      'Anderson residence.',
      'Yes, Tom Baker.',
    ],
    business: [
      'Acme support, hello.',
      'Good morning, Miller office.',
      'City library, Anna speaking.',
      'Smith and Sons, how can I help?',
    ],
    machine: [
      'Hi, you have reached the voice mail of John Smith. I am not able to take your call right now. Please leave your name and number after the tone, and I will call you back.',
      'Hello, this is Mary. Sorry I missed you. Leave me a message and I will get back to you as soon as I can. Have a great day.',
      'Thank you for calling the Baker family. We are not at home right now, but if you leave your name, your number and a short message, we will call you back.',
      'The person you are trying to reach is not available. At the tone, please record your message. When you have finished recording, you may hang up, or press one for more options.',
      'Welcome to the city library. Our opening hours are Monday to Friday from nine to five. For loans and renewals press one, for events press two.',
      'Your call has been forwarded to an automatic voice message system. The subscriber is not available. Please record your message after the tone.',
    ],
    brief: [
      'Please leave a message after the tone.',
      'Hi, this is Ann, leave a message.',
      'Not here, speak after the beep.',
      'You know what to do after the beep.',
    ],
  },
  de: {
    short: ['Hallo?', 'Ja?', 'Ja, hallo?', 'Ja bitte?', 'Guten Tag.', 'Hallo, hallo?'],
    phrase: ['Schmidt.', 'Müller, guten Tag.', 'Hallo, hier ist Anna.', 'Hans Becker.'],
    business: ['Praxis Doktor Weber, guten Tag.', 'Autohaus König, Meier.'],
    machine: [
      'Guten Tag, Sie haben den Anschluss der Familie Schmidt erreicht. Leider sind wir im Moment nicht zu Hause. Bitte hinterlassen Sie eine Nachricht nach dem Signalton.',
      'Der gewünschte Gesprächspartner ist zur Zeit nicht erreichbar. Bitte sprechen Sie nach dem Ton, wir rufen Sie zurück.',
      'Herzlich willkommen bei der Praxis Doktor Weber. Unsere Sprechzeiten sind montags bis freitags von acht bis zwölf Uhr. In dringenden Fällen wenden Sie sich an den Notdienst.',
      'Hallo, hier ist die Mailbox von Anna Becker. Ich kann gerade nicht ans Telefon gehen, aber ich rufe gerne zurück, wenn du mir deine Nummer sagst.',
    ],
    brief: ['Bitte sprechen Sie nach dem Signalton.', 'Nachrichten bitte nach dem Ton.'],
  },
  fr: {
    short: ['Allô ?', 'Oui ?', 'Oui, allô ?', 'Bonjour.', 'Allô, oui ?', 'Oui, bonjour ?'],
    phrase: ['Ici Marie.', 'Jean Dupont.', 'Famille Martin, bonjour.', 'Allô, ici Paul.'],
    business: ['Cabinet Durand, bonjour.', 'Garage du Lac, bonjour.'],
    machine: [
      'Bonjour, vous êtes bien chez Jean et Marie Dupont. Nous sommes absents pour le moment. Laissez un message après le signal sonore et nous vous rappellerons.',
      'Votre correspondant n’est pas disponible actuellement. Veuillez laisser votre message après le bip sonore, puis raccrocher.',
      'Bienvenue au cabinet du docteur Durand. Le cabinet est ouvert du lundi au vendredi, de neuf heures à midi. Pour prendre rendez-vous, tapez un.',
      'Salut, c’est Paul, je ne peux pas répondre tout de suite. Dis-moi ce que tu veux après le bip et je te rappelle ce soir.',
    ],
    brief: ['Laissez un message après le bip.', 'Parlez après le signal sonore.'],
  },
  es: {
    short: ['¿Hola?', '¿Diga?', '¿Sí?', '¿Bueno?', '¿Sí, diga?', '¿Dígame?'],
    phrase: ['Habla María.', 'Soy Pedro García.', 'Hola, soy Ana.', 'Familia López.'],
    business: ['Farmacia Central, buenos días.', 'Taller Ruiz, dígame.'],
    machine: [
      'Hola, este es el contestador de la familia García. En este momento no podemos atenderle. Por favor, deje su mensaje después de la señal.',
      'El número marcado no está disponible en este momento. Por favor, deje su mensaje después del tono y le llamaremos lo antes posible.',
      'Gracias por llamar a la farmacia central. Nuestro horario es de lunes a sábado, de nueve de la mañana a ocho de la tarde.',
      'Hola, soy Ana, ahora mismo no puedo hablar. Déjame un mensaje con tu nombre y tu número y te llamo en cuanto pueda.',
    ],
    brief: ['Deje su mensaje después de la señal.', 'Por favor, hable después del tono.'],
  },
  it: {
    short: ['Pronto?', 'Si?', 'Pronto, chi parla?', 'Ciao.', 'Si, pronto?', 'Buongiorno.'],
    phrase: ['Sono Maria.', 'Mario Rossi.', 'Pronto, casa Bianchi.', 'Ciao, sono Luca.'],
    business: ['Studio Verdi, buongiorno.', 'Officina Conti, mi dica.'],
    machine: [
      'Buongiorno, questa è la segreteria telefonica della famiglia Rossi. In questo momento non siamo in casa. Lasciate un messaggio dopo il segnale acustico.',
      'La persona chiamata non è al momento raggiungibile. La preghiamo di lasciare un messaggio dopo il tono e di richiamare in seguito.',
      'Benvenuti allo studio medico Verdi. Lo studio è aperto dal lunedi al venerdi, dalle nove alle dodici. Per le urgenze chiamate la guardia medica.',
      'Ciao, sono Luca, adesso non posso rispondere. Lascia il tuo nome e il tuo numero, e ti richiamo appena posso.',
    ],
    brief: ['Lasciate un messaggio dopo il segnale.', 'Parlate dopo il segnale acustico.'],
  },
  pt: {
    short: ['Alô?', 'Sim?', 'Está lá?', 'Oi.', 'Sim, alô?', 'Bom dia.'],
    phrase: ['Fala o João.', 'Maria Silva.', 'Alô, é a Ana.', 'Pedro Costa.'],
    business: ['Padaria Lisboa, bom dia.', 'Oficina Costa, boa tarde.'],
    machine: [
      'Olá, você ligou para a casa da família Silva. No momento não podemos atender. Deixe a sua mensagem após o sinal, por favor.',
      'O número para o qual ligou não está disponível de momento. Por favor deixe a sua mensagem depois do sinal.',
      'Obrigado por ligar para a padaria Lisboa. Estamos abertos de segunda a sábado, das sete às vinte horas.',
      'Oi, aqui é a Ana, agora não posso falar. Deixa o teu nome e o teu número, que eu ligo assim que puder.',
    ],
    brief: ['Deixe a sua mensagem após o sinal.', 'Fale depois do sinal, por favor.'],
  },
  nl: {
    short: ['Hallo?', 'Ja?', 'Ja, hallo?', 'Goedemorgen.'],
    phrase: ['Met Jan.', 'Met Anna de Vries.', 'Met Bakker.', 'Hallo, met Piet.'],
    business: ['Bakkerij Jansen, goedemorgen.', 'Garage Smit, met Kees.'],
    machine: [
      'Hallo, dit is het antwoordapparaat van Jan en Anna de Vries. Wij zijn er op dit moment niet. Spreek een bericht in na de toon.',
      'De persoon die u belt is op dit moment niet bereikbaar. Spreek na de toon uw boodschap in, dan bellen wij u terug.',
    ],
    brief: ['Spreek een bericht in na de toon.', 'Laat een boodschap achter na de piep.'],
  },
  pl: {
    short: ['Halo?', 'Tak?', 'Tak, słucham?', 'Dzień dobry.'],
    phrase: ['Mówi Anna.', 'Jan Kowalski.', 'Halo, tu Piotr.', 'Nowak, słucham.'],
    business: ['Apteka Centrum, słucham.', 'Warsztat Nowak, dzień dobry.'],
    machine: [
      'Dzień dobry, tu automatyczna sekretarka rodziny Kowalskich. Nie możemy teraz odebrać telefonu. Prosimy o pozostawienie wiadomości po sygnale.',
      'Abonent jest czasowo niedostępny. Po usłyszeniu sygnału prosimy nagrać wiadomość, oddzwonimy tak szybko, jak to możliwe.',
    ],
    brief: ['Proszę zostawić wiadomość po sygnale.', 'Po sygnale proszę nagrać wiadomość.'],
  },
  cs: {
    short: ['Haló?', 'Ano?', 'Prosím?', 'Dobrý den.'],
    phrase: ['Tady Jana.', 'Karel Novák.', 'Haló, tady Petr.', 'Svoboda, prosím.'],
    business: ['Lékárna U Mostu, dobrý den.', 'Pekárna Novák, prosím.'],
    machine: [
      'Dobrý den, dovolali jste se do hlasové schránky rodiny Novákovy. Momentálně nejsme doma. Zanechte nám prosím vzkaz po zaznění signálu.',
      'Volaný účastník není dostupný. Po zaznění tónu můžete zanechat vzkaz, ozveme se vám co nejdříve to bude možné.',
    ],
    brief: ['Zanechte prosím vzkaz po signálu.', 'Mluvte prosím po zaznění tónu.'],
  },
  fi: {
    short: ['Haloo?', 'Niin?', 'Hei.', 'No haloo?'],
    phrase: ['Matti puhelimessa.', 'Virtanen.', 'Anna tässä.', 'Korhonen, hei.'],
    business: ['Apteekki Keskusta, hei.', 'Korjaamo Laine, päivää.'],
    machine: [
      'Hei, tämä on Matti Virtasen puhelinvastaaja. En voi nyt vastata puheluun. Jätä viesti äänimerkin jälkeen, niin soitan sinulle takaisin.',
      'Valitsemaanne numeroon ei juuri nyt saada yhteyttä. Voitte jättää viestin äänimerkin jälkeen, ja teille soitetaan myöhemmin.',
    ],
    brief: ['Jätä viesti äänimerkin jälkeen.', 'Puhu äänimerkin jälkeen, kiitos.'],
  },
} as const satisfies Record<string, Texts>;
