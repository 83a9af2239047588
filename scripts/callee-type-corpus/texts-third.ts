/** What is said in the third batch; none of it is in the others. */
import type { Texts } from './texts';

export const thirdTexts = {
  en: {
    short: [
      'Hullo?',
      'Hello, who’s there?',
      'Speaking.',
      'Hey.',
      'Yep?',
      'Good afternoon.',
      'Hi there.',
      'Yes please?',
    ],
    phrase: ['Susan Clark.', 'Robert here, hello.', 'Hello, David Wood.', 'This is Karen.', 'The Taylors.'],
    business: ['Green Street Dental, hello.', 'Front desk, Laura here.', 'Harbour Hotel, hello.'],
    machine: [
      'Hey, it’s Dave. I can’t come to the phone. Say who you are and what it’s about, and I’ll ring you when I’m back home.',
      'You’ve reached the Wilson residence. Nobody can pick up at the moment, so please leave us a few words when you hear the signal.',
      'Good day. All our lines are busy. Stay on the line, or call again tomorrow between eight and four. Thank you for your patience.',
      'This mailbox belongs to Karen Hill. I’m travelling until the end of the month. Urgent matters go to my colleague in the office.',
      'We’re sorry, the customer you have called cannot be reached right now. You can leave a message, which will be delivered later.',
    ],
    brief: [
      'Karen’s phone, leave your message.',
      'Sorry, we’re out, talk to the machine.',
      'Record your message now, please.',
    ],
  },
  de: {
    short: ['Hallöchen?', 'Ja, wer ist da?', 'Servus.', 'Guten Abend.', 'Ja, guten Tag?'],
    phrase: ['Krüger.', 'Lehmann am Apparat.', 'Hier ist Stefan.', 'Familie Vogel, hallo.'],
    business: ['Stadtwerke, Morgen.', 'Hotel Adler, hallo.'],
    machine: [
      'Hallo, hier spricht der Anrufbeantworter von Stefan Krüger. Ich bin unterwegs. Erzählt mir einfach nach dem Piepton, worum es geht.',
      'Willkommen bei den Stadtwerken. Zur Zeit sind alle Plätze belegt. Bitte haben Sie etwas Geduld, wir sind gleich für Sie da.',
      'Sie sind verbunden mit der Sprachbox von Familie Vogel. Wir freuen uns über Ihre Nachricht und melden uns, sobald wir wieder daheim sind.',
    ],
    brief: ['Stefans Handy, sag was nach dem Piep.', 'Niemand da, Nachricht bitte jetzt.'],
  },
  fr: {
    short: ['Allô, qui est-ce ?', 'Oui, j’écoute.', 'Bonsoir.', 'Salut.', 'Ouais ?'],
    phrase: ['Claire Moreau.', 'Ici le standard.', 'Allô, Sophie à l’appareil.', 'Monsieur Petit.'],
    business: ['Hôtel de la Gare, bonsoir.', 'Pharmacie Petit, j’écoute.'],
    machine: [
      'Coucou, vous êtes sur le répondeur de Sophie. Je suis sûrement au travail. Dites-moi tout et je vous recontacte dès que possible.',
      'Toutes nos lignes sont actuellement occupées. Merci de bien vouloir patienter, un conseiller va prendre votre appel dans un instant.',
      'La messagerie de la famille Moreau vous écoute. Parlez clairement, sans oublier votre numéro de téléphone, et à très bientôt.',
    ],
    brief: ['Sophie n’est pas là, à vous après le bip.', 'Enregistrez votre message maintenant.'],
  },
  es: {
    short: ['¿Aló?', '¿Quién es?', 'Buenas tardes.', '¿Sí, hola?', 'Mande.'],
    phrase: ['Al habla Carmen.', 'Javier Moreno.', 'Casa Torres.', 'Hola, te habla Luis.'],
    business: ['Hotel del Puerto, hola.', 'Clínica Torres, diga.'],
    machine: [
      'Hola, ha llamado a Javier Moreno. Estoy de viaje hasta el lunes. Cuénteme de qué se trata y le contestaré a la vuelta.',
      'Todas nuestras líneas están ocupadas. Manténgase a la espera, enseguida le pasaremos con uno de nuestros agentes. Gracias.',
      'Buzón de voz de la clínica Torres. Si desea pedir una cita, diga su nombre, su teléfono y el día que prefiere.',
    ],
    brief: ['Soy Luis, grabe su mensaje ahora.', 'No estamos, hable tras el pitido.'],
  },
  it: {
    short: ['Pronto, sì?', 'Chi è?', 'Buonasera.', 'Eccomi.', 'Salve.'],
    phrase: ['Parla Giulia.', 'Casa Ferrari.', 'Paolo Greco.', 'Sì, sono Franca.'],
    business: ['Albergo Sole, salve.', 'Farmacia Greco, dica.'],
    machine: [
      'Salve, avete chiamato il numero di Paolo Greco. Sono fuori città per lavoro. Ditemi chi siete e vi cercherò al mio ritorno.',
      'Tutti i nostri operatori sono occupati. Vi invitiamo a restare in linea per non perdere la priorità acquisita. Grazie dell’attesa.',
      'Questa è la casella vocale di Giulia Ferrari. Potete registrare un messaggio di due minuti e premere cancelletto alla fine.',
    ],
    brief: ['Sono Franca, registra il messaggio ora.', 'Non ci sono, parla dopo il bip.'],
  },
  pt: {
    short: ['Pronto?', 'Quem fala?', 'Boa tarde.', 'Oi, tudo bem?', 'Diga.'],
    phrase: ['Aqui fala o Rui.', 'Carla Mendes.', 'Casa dos Ferreira.', 'Oi, sou a Beatriz.'],
    business: ['Hotel Lisboa, boa noite.', 'Farmácia Mendes, diga.'],
    machine: [
      'Oi, aqui é o telefone da Beatriz. Estou em reunião o dia inteiro. Fala depois do bipe que eu retorno a ligação mais tarde.',
      'Todas as nossas linhas estão ocupadas neste instante. Aguarde, por favor, a sua chamada é muito importante para nós.',
      'Caixa postal da família Ferreira. Diga o seu nome e o motivo do contato, e responderemos na próxima semana.',
    ],
    brief: ['É o Rui, grave o seu recado agora.', 'Saímos, fale depois do bipe.'],
  },
  nl: {
    short: ['Hoi.', 'Met wie?', 'Goedenavond.', 'Ja, met mij.'],
    phrase: ['Met Saskia Visser.', 'Hier is Daan.', 'Familie Mulder.'],
    business: ['Hotel Zeezicht, goedenavond.', 'Receptie, met Sanne.'],
    machine: [
      'Hoi, je belt met Daan. Ik zit in vergadering. Laat even weten waarvoor je belde, dan hoor je vanavond nog van mij.',
      'Al onze medewerkers zijn in gesprek. Een ogenblik geduld alstublieft, u wordt zo spoedig mogelijk te woord gestaan.',
    ],
    brief: ['Met Saskia, spreek nu je bericht in.', 'Wij zijn weg, praat na de pieptoon.'],
  },
  pl: {
    short: ['Słucham?', 'Kto mówi?', 'Cześć.', 'Dobry wieczór.', 'No halo?'],
    phrase: ['Tu Marek.', 'Przy telefonie Ewa.', 'Zofia Lis.', 'Tak, Wójcik.'],
    business: ['Hotel Wisła, dobry wieczór.', 'Recepcja, w czym pomóc?'],
    machine: [
      'Cześć, tu Marek. Jestem teraz zajęty. Nagraj się po dźwięku, powiedz o co chodzi, a odezwę się wieczorem albo jutro rano.',
      'Wszystkie nasze linie są zajęte. Prosimy czekać na zgłoszenie się konsultanta, dziękujemy za cierpliwość i przepraszamy za opóźnienie.',
      'Dodzwoniłeś się do poczty głosowej Zofii Lis. Podaj swoje nazwisko i numer telefonu, a zadzwonię do ciebie w tym tygodniu.',
    ],
    brief: ['Tu Ewa, nagraj wiadomość teraz.', 'Nie ma nas, mów po dźwięku.'],
  },
  ru: {
    short: ['Алло?', 'Да?', 'Слушаю.', 'Кто это?', 'Да, алло?', 'Добрый день.'],
    phrase: ['Это Ольга.', 'Иван Петров.', 'Смирнова.', 'Алло, это Сергей.'],
    business: ['Аптека, слушаю.', 'Гостиница Волга, алло.'],
    machine: [
      'Здравствуйте, это автоответчик Ивана Петрова. Сейчас меня нет дома. Оставьте сообщение после сигнала, и я обязательно перезвоню.',
      'Все операторы сейчас заняты. Пожалуйста, оставайтесь на линии, ваш звонок очень важен для нас, мы скоро вам ответим.',
      'Привет, это Ольга. Я не могу подойти к телефону, скажите, кто звонил и зачем, а я наберу вас вечером.',
      'Абонент временно недоступен или находится вне зоны действия сети. Попробуйте, пожалуйста, позвонить ещё раз немного позже.',
    ],
    brief: ['Говорите после сигнала, пожалуйста.', 'Нас нет дома, оставьте сообщение.'],
  },
  uk: {
    short: ['Алло?', 'Так?', 'Слухаю вас.', 'Хто це?', 'Добрий день.'],
    phrase: ['Це Оксана.', 'Андрій Коваль.', 'Шевчук.', 'Так, це Марія.'],
    business: ['Аптека, слухаю.', 'Готель Дніпро, алло.'],
    machine: [
      'Вітаю, це автовідповідач Андрія Коваля. Зараз я не можу говорити. Залиште повідомлення після сигналу, і я вам зателефоную.',
      'На жаль, усі наші лінії зайняті. Будь ласка, зачекайте на відповідь оператора, ваш дзвінок дуже важливий для нас.',
      'Привіт, ви подзвонили Оксані. Скажіть, будь ласка, ваше ім’я і номер, а я передзвоню вам завтра після обіду.',
    ],
    brief: ['Говоріть після сигналу, будь ласка.', 'Нас немає вдома, залиште повідомлення.'],
  },
  ca: {
    short: ['Digui?', 'Sí?', 'Hola?', 'Qui és?', 'Bon dia.'],
    phrase: ['Sóc la Montse.', 'Jordi Puig.', 'Hola, parla en Pau.'],
    business: ['Fleca Puig, bon dia.', 'Hotel Miramar, digui.'],
    machine: [
      'Hola, aquest és el contestador de la Montse. Ara no hi sóc. Deixa un missatge després del senyal i et trucaré quan torni.',
      'En aquests moments totes les línies estan ocupades. Si us plau, esperi uns instants i l’atendrem tan aviat com puguem.',
    ],
    brief: ['Deixeu un missatge després del senyal.', 'No hi som, parleu ara.'],
  },
  ja: {
    short: ['もしもし？', 'はい？', 'はい、もしもし。', 'どなたですか？'],
    phrase: ['田中です。', 'はい、佐藤です。', '鈴木花子です。'],
    business: ['はい、みどり薬局です。', '東京ホテルでございます。'],
    machine: [
      'はい、田中です。ただいま留守にしております。ピーという音のあとに、お名前とご用件をお話しください。',
      'おかけになった電話は、電波の届かない場所にあるか、電源が入っていないため、かかりません。',
    ],
    brief: ['ただいま留守にしております。', 'メッセージをお願いします。'],
  },
  sv: {
    short: ['Hallå?', 'Ja?', 'Hej.', 'God dag.'],
    phrase: ['Det är Lars.', 'Anna Lindberg.', 'Hos Johansson.'],
    business: ['Apoteket Björnen, god morgon.', 'Hotell Sjön, hej.'],
    machine: [
      'Hej, du har kommit till Lars Lindberg. Jag kan inte svara just nu. Lämna ett meddelande efter tonen så ringer jag upp dig.',
      'Tyvärr är alla våra linjer upptagna. Var god dröj kvar, så besvarar vi ditt samtal så snart som möjligt.',
    ],
    brief: ['Lämna ett meddelande efter tonen.', 'Lars här, tala in något nu.'],
  },
  hu: {
    short: ['Halló?', 'Igen?', 'Tessék?', 'Jó napot.'],
    phrase: ['Itt Katalin.', 'Nagy István.', 'Kovács lakás.'],
    business: ['Duna Szálló, jó estét.', 'Napfény patika, tessék.'],
    machine: [
      'Jó napot kívánok, ez Nagy István üzenetrögzítője. Most nem vagyok itthon. Kérem, hagyjon üzenetet a sípszó után, és visszahívom.',
      'Minden vonalunk foglalt. Kérjük, várjon türelemmel, munkatársunk hamarosan fogadja a hívását, addig is köszönjük a megértését.',
    ],
    brief: ['Hagyjon üzenetet a sípszó után.', 'Nem vagyunk itthon, beszéljen most.'],
  },
  tr: {
    short: ['Alo?', 'Efendim?', 'Evet?', 'İyi günler.'],
    phrase: ['Ben Ayşe.', 'Mehmet Yılmaz.', 'Buyurun, Demir ailesi.'],
    business: ['Deniz Oteli, iyi akşamlar.', 'Güneş Eczanesi, buyurun.'],
    machine: [
      'Merhaba, Mehmet Yılmaz’ı aradınız. Şu anda telefona bakamıyorum. Lütfen sinyal sesinden sonra mesajınızı bırakın, sizi ararım.',
      'Bütün hatlarımız şu anda doludur. Lütfen hatta kalınız, müşteri temsilcimiz en kısa sürede size yardımcı olacaktır.',
    ],
    brief: ['Sinyalden sonra mesaj bırakın.', 'Evde yokuz, şimdi konuşun.'],
  },
  eo: {
    short: ['Saluton?', 'Jes?', 'Ha lo?', 'Bonan tagon.'],
    phrase: ['Jen Petro.', 'Maria Nova.', 'Ĉe la familio Verda.'],
    business: ['Hotelo Stelo, saluton.', 'Librejo, jes?'],
    machine: [
      'Saluton, vi atingis la respondilon de Petro. Mi ne povas nun paroli. Bonvolu lasi mesaĝon post la signalo, kaj mi revokos.',
      'Ĉiuj linioj estas nun okupataj. Bonvolu atendi momenton, ni respondos al via voko kiel eble plej baldaŭ.',
    ],
    brief: ['Lasu mesaĝon post la signalo.', 'Ni forestas, bonvolu paroli nun.'],
  },
  mk: {
    short: ['Ало?', 'Да?', 'Кажете.', 'Добар ден.'],
    phrase: ['Јас сум Елена.', 'Петар Стојанов.', 'Семејство Илиеви.'],
    business: ['Хотел Охрид, добровечер.', 'Аптека Сонце, повелете.'],
    machine: [
      'Здраво, ова е телефонската секретарка на Елена. Сега не сум дома. Оставете порака по сигналот и ќе ви се јавам.',
      'Сите наши линии се зафатени. Ве молиме почекајте малку, нашиот оператор наскоро ќе ви одговори. Ви благодариме.',
    ],
    brief: ['Оставете порака по сигналот.', 'Не сме дома, зборувајте сега.'],
  },
  sq: {
    short: ['Alo?', 'Po?', 'Urdhëroni?', 'Mirëdita.'],
    phrase: ['Jam Drita.', 'Agim Hoxha.', 'Familja Berisha.'],
    business: ['Hotel Adria, alo.', 'Farmacia Dielli, urdhëroni.'],
    machine: [
      'Përshëndetje, keni telefonuar Agim Hoxhën. Nuk mund të përgjigjem tani. Lini një mesazh pas sinjalit dhe do t’ju telefonoj.',
      'Të gjitha linjat tona janë të zëna. Ju lutemi prisni pak, operatori ynë do t’ju përgjigjet sa më shpejt.',
    ],
    brief: ['Lini një mesazh pas sinjalit.', 'Nuk jemi këtu, flisni tani.'],
  },
} as const satisfies Record<string, Texts>;
